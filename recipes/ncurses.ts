import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { toolchain } from './toolchain.js'

export const ncurses = recipe({
  name: 'ncurses',
  version: '6.4',
  source: fetchTarball({
    url: [
      'mirror://gnu/ncurses/ncurses-6.4.tar.gz',
      'mirror://debian/pool/main/n/ncurses/ncurses_6.4.orig.tar.gz',
    ],
    hash: 'sha256:6931283d9ac87c5073f30b6290c4c75f21632bb4fc3603ac8100812bed248159',
  }),
  inputs: { ...toolchain },
  outputs: ['out', 'dev'],
  phases: gnu({
    configureFlags: [
      '--with-shared',
      '--without-debug',
      '--without-ada',
      '--without-tests',
      '--enable-widec',
      '--enable-overwrite',
      '--enable-pc-files',
      sh`--with-pkg-config-libdir="$out/lib/pkgconfig"`,
      '--with-manpage-format=normal',
    ],
  })
    .without('check', 'the test programs are for people to look at')
    .after('install', {
      name: 'narrow-names',
      // Most programs ask for the library by its old name; the wide one serves them all.
      script: () => sh`cd "$out/lib"
for name in ncurses form menu panel; do
  ln -s "lib\${name}w.so" "lib$name.so"
  ln -s "lib\${name}w.a" "lib$name.a"
  ln -s "\${name}w.pc" "pkgconfig/$name.pc"
done
for name in curses tinfo; do
  ln -s libncursesw.so "lib$name.so"
done
cd - > /dev/null`,
    }),
  meta: {
    synopsis: 'Library for programs that draw on terminals',
    homepage: 'https://invisible-island.net/ncurses/',
    license: 'X11-distribute-modifications-variant',
    mainProgram: 'tput',
  },
})
