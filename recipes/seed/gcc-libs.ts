import { glibc } from './glibc.js'
import { relocated } from './relocate/relocated.js'

/** The libraries that compiled programs need to run, apart from the compiler, which they do not. */
export const gccLibs = relocated({
  name: 'gcc-libs',
  debs: ['libstdc++6', 'libgomp1', 'libatomic1', 'libquadmath0'],
  inputs: { glibc },
  searchPaths: {},
  meta: {
    synopsis: 'Libraries of C++, OpenMP and other languages of GCC',
    homepage: 'https://gcc.gnu.org/',
    license: 'GPL-3.0-or-later WITH GCC-exception-3.1',
  },
})
