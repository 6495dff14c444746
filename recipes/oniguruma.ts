import { fetchTarball, gnu, recipe } from 'store/recipe'
import { autotools } from './autotools.js'
import { toolchain } from './toolchain.js'

export const oniguruma = recipe({
  name: 'oniguruma',
  version: '6.9.8',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/libo/libonig/libonig_6.9.8.orig.tar.gz',
    hash: 'sha256:26372720bab6733c869a9eb69377f73971138dc5e3eff4a81f5ba8aea5435fb2',
  }),
  inputs: { ...toolchain, autotools },
  outputs: ['out', 'dev'],
  phases: gnu(),
  meta: {
    synopsis: 'Library of regular expressions in many encodings',
    homepage: 'https://github.com/kkos/oniguruma',
    license: 'BSD-2-Clause',
  },
})
