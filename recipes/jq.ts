import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { autotools } from './autotools.js'
import { oniguruma } from './oniguruma.js'
import { toolchain } from './toolchain.js'

export const jq = recipe({
  name: 'jq',
  version: '1.6',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/j/jq/jq_1.6.orig.tar.gz',
    hash: 'sha256:3ba940b97571c866923f0409678033d33b5a98758dfc174fad8397ed908bc4d9',
  }),
  inputs: { ...toolchain, autotools, oniguruma },
  outputs: ['out', 'dev'],
  phases: gnu({
    configureFlags: [
      '--disable-maintainer-mode',
      '--disable-docs',
      '--disable-valgrind',
      sh`--with-oniguruma=${oniguruma}`,
    ],
  }).before('bootstrap', {
    name: 'set-version',
    // The version would come from the repository, and the tests of the manual from Ruby.
    script: () => sh`printf '#!/bin/sh\necho 1.6\n' > scripts/version
sed -i -e '/^m4_define(\[jq_version\],/,/)$/c m4_define([jq_version], [1.6])' configure.ac
sed -i 's, tests/mantest , ,' Makefile.am`,
  }),
  meta: {
    synopsis: 'Processor of JSON',
    homepage: 'https://jqlang.github.io/jq/',
    license: 'MIT AND ICU AND CC-BY-3.0',
    mainProgram: 'jq',
  },
})
