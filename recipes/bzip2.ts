import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { toolchain } from './toolchain.js'

export const bzip2 = recipe({
  name: 'bzip2',
  version: '1.0.8',
  source: fetchTarball({
    url: [
      'https://sourceware.org/pub/bzip2/bzip2-1.0.8.tar.gz',
      'mirror://debian/pool/main/b/bzip2/bzip2_1.0.8.orig.tar.gz',
    ],
    hash: 'sha256:ab5a03176ee106d3f0fa90e381da478ddae405918153cca248e682cd0c4a2269',
  }),
  inputs: { ...toolchain },
  outputs: ['out', 'dev'],
  phases: gnu({
    makeFlags: [sh`PREFIX="$out"`],
    buildTargets: ['libbz2.a', 'bzip2', 'bzip2recover'],
  })
    .replace(
      'configure',
      () =>
        sh`sed -i -e 's,(PREFIX)/man,(PREFIX)/share/man,g' -e 's,ln -s -f $(PREFIX)/bin/,ln -s -f ,' Makefile`,
    )
    // Before the static one, which then is made of the same objects.
    .before('build', { name: 'build-library', script: () => sh`make SHELL="$SHELL" -f Makefile-libbz2_so` })
    .after('install', {
      name: 'install-library',
      script: () => sh`cp libbz2.so.1.0.8 "$out/lib/"
ln -s libbz2.so.1.0.8 "$out/lib/libbz2.so.1.0"
ln -s libbz2.so.1.0 "$out/lib/libbz2.so"`,
    }),
  meta: {
    synopsis: 'Compression of files, denser than gzip',
    homepage: 'https://sourceware.org/bzip2/',
    license: 'bzip2-1.0.6',
    mainProgram: 'bzip2',
  },
})
