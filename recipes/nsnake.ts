import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { ncurses } from './ncurses.js'
import { toolchain } from './toolchain.js'

export const nsnake = recipe({
  name: 'nsnake',
  version: '3.0.1',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/n/nsnake/nsnake_3.0.1.orig.tar.gz',
    hash: 'sha256:7240dafe35e17b01134591d7ae8f09f5a375cded8b01e43ba97ca3610a09ea61',
  }),
  inputs: { ...toolchain, ncurses },
  phases: gnu({ makeFlags: [sh`PREFIX="$out"`] })
    .without('configure', 'the makefile needs none')
    .without('check', 'there are no tests'),
  meta: {
    synopsis: 'Game of snakes on terminals',
    homepage: 'https://nsnake.alexdantas.net/',
    license: 'GPL-3.0-or-later',
  },
})
