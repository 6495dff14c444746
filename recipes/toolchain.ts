import { bash } from './seed/bash.js'
import { binutils } from './seed/binutils.js'
import { gcc } from './seed/gcc.js'
import { gccLibs } from './seed/gcc-libs.js'
import { glibc } from './seed/glibc.js'
import {
  bzip2,
  coreutils,
  diffutils,
  findutils,
  gawk,
  grep,
  gzip,
  make,
  patch,
  sed,
  tar,
  xz,
} from './seed/tools.js'

/** What most packages start from: `inputs: { ...toolchain, zlib }`. */
export const toolchain = {
  bash,
  coreutils,
  sed,
  grep,
  gawk,
  findutils,
  diffutils,
  tar,
  gzip,
  bzip2,
  xz,
  make,
  patch,
  binutils,
  gcc,
  gccLibs,
  glibc,
}

// Those that are not built from source yet also by their own names, for the command line.
export { binutils, coreutils, diffutils, findutils, gcc, glibc, gzip, tar }
