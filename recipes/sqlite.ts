import { fetchTarball, gnu, recipe } from 'store/recipe'
import { readline } from './readline.js'
import { tcl } from './tcl.js'
import { toolchain } from './toolchain.js'
import { zlib } from './zlib.js'

export const sqlite = recipe({
  name: 'sqlite',
  version: '3.40.1',
  source: fetchTarball({
    url: 'mirror://debian/pool/main/s/sqlite3/sqlite3_3.40.1.orig.tar.xz',
    hash: 'sha256:aaa776260ab4dc976db34aa7891819484c8676b5b2783123ebc6301e2ca5d655',
  }),
  // Tcl puts the library together from its parts.
  inputs: { ...toolchain, readline, tcl, zlib },
  outputs: ['out', 'dev'],
  phases: gnu({
    configureFlags: ['--disable-tcl', '--enable-fts5', '--enable-rtree', '--enable-session'],
    // The collected inputs that once broke it; all tests would take hours.
    checkTargets: ['fuzztest'],
  }),
  meta: {
    synopsis: 'Library and program for databases in one file, with SQL',
    homepage: 'https://www.sqlite.org/',
    license: 'blessing',
    mainProgram: 'sqlite3',
  },
})
