import { sh } from 'store/recipe'
import { glibc } from './glibc.js'
import { libraries } from './libraries.js'
import { relocated } from './relocate/relocated.js'

/** The shell of all builds, also by the name `sh`. */
export const bash = relocated({
  name: 'bash',
  debs: ['bash'],
  inputs: { glibc, libraries },
  // It reports errors to Debian, by mail.
  without: ['bin/bashbug'],
  finish: sh`ln -s bash "$out/bin/sh"`,
  meta: {
    synopsis: 'The GNU Bourne-Again shell',
    homepage: 'https://www.gnu.org/software/bash/',
    license: 'GPL-3.0-or-later',
  },
})
