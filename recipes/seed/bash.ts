import { glibc } from './glibc.js'
import { libraries } from './libraries.js'
import { relocated } from './relocate/relocated.js'

/** The shell of all builds, also by the name `sh`. */
export const bash = relocated({
  name: 'bash',
  debs: ['bash'],
  inputs: { glibc, libraries },
  links: { 'bin/sh': 'bash' },
  meta: {
    synopsis: 'The GNU Bourne-Again shell',
    homepage: 'https://www.gnu.org/software/bash/',
    license: 'GPL-3.0-or-later',
  },
})
