import { fetchTarball, gnu, recipe } from 'store/recipe'
import { ncurses } from './ncurses.js'
import { toolchain } from './toolchain.js'

export const readline = recipe({
  name: 'readline',
  version: '8.2',
  source: fetchTarball({
    url: [
      'mirror://gnu/readline/readline-8.2.tar.gz',
      'mirror://debian/pool/main/r/readline/readline_8.2.orig.tar.gz',
    ],
    hash: 'sha256:3feb7171f16a84ee82ca18a36d7b9be109a52c04f492a053331d7d1095007c35',
  }),
  inputs: { ...toolchain, ncurses },
  outputs: ['out', 'dev'],
  // Linked with the library of terminals, so that its users need not know of it.
  phases: gnu({
    configureFlags: ['--with-curses', '--disable-install-examples'],
    makeFlags: ['SHLIB_LIBS=-lncursesw'],
  }).without('check', 'there are no tests'),
  meta: {
    synopsis: 'Library for editing command lines',
    homepage: 'https://tiswww.case.edu/php/chet/readline/rltop.html',
    license: 'GPL-3.0-or-later',
  },
})
