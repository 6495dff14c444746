import { glibc } from './glibc.js'
import { relocated } from './relocate/relocated.js'

/**
 * The shared libraries that the seed's own programs need, in one object: there are no headers with them,
 * so nothing that is built refers to them but through those programs.
 */
export const libraries = relocated({
  name: 'seed-libraries',
  debs: [
    'libgmp10',
    'libmpfr6',
    'libmpc3',
    'libisl23',
    'zlib1g',
    'libzstd1',
    'liblzma5',
    'libbz2-1.0',
    'libpcre2-8-0',
    'libselinux1',
    'libattr1',
    'libacl1',
    'libtinfo6',
    'libreadline8',
    'libsigsegv2',
    'libjansson4',
  ],
  inputs: { glibc },
  searchPaths: {},
  meta: { synopsis: "Shared libraries of the seed's own programs" },
})
