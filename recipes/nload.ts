import { fetchTarball, gnu, recipe } from 'store/recipe'
import { ncurses } from './ncurses.js'
import { toolchain } from './toolchain.js'

export const nload = recipe({
  name: 'nload',
  version: '0.7.4',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/n/nload/nload_0.7.4.orig.tar.gz',
    hash: 'sha256:c1c051e7155e26243d569be5d99c744d8620e65fa8a7e05efcf84d01d9d469e5',
  }),
  inputs: { ...toolchain, ncurses },
  phases: gnu().without('check', 'there are no tests'),
  meta: {
    synopsis: 'Meter of network traffic',
    homepage: 'https://github.com/rolandriegel/nload',
    license: 'GPL-2.0-or-later',
  },
})
