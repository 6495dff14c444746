import { fetchTarball, gnu, recipe, sh } from 'store/recipe'
import { ncurses } from './ncurses.js'
import { toolchain } from './toolchain.js'
import { zlib } from './zlib.js'

export const tf = recipe({
  name: 'tf',
  version: '5.0beta8',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/t/tf5/tf5_5.0beta8.orig.tar.gz',
    hash: 'sha256:3750a114cf947b1e3d71cecbe258cb830c39f3186c369e368d4662de9c50d989',
  }),
  inputs: { ...toolchain, ncurses, zlib },
  phases: gnu({ configureFlags: ['--disable-symlink', '--disable-ssl'] })
    .without('check', 'there are no tests')
    .before('install', { name: 'make-folder', script: () => sh`mkdir -p "$out"` }),
  // Its headers define what they should declare.
  env: { CFLAGS: '-O2 -fcommon' },
  meta: {
    synopsis: 'Client for games in text worlds',
    homepage: 'https://tinyfugue.sourceforge.net/',
    license: 'GPL-2.0-or-later',
  },
})
