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

// Each also by its own name, for the command line.
export {
  bash,
  binutils,
  bzip2,
  coreutils,
  diffutils,
  findutils,
  gawk,
  gcc,
  glibc,
  grep,
  gzip,
  make,
  patch,
  sed,
  tar,
  xz,
}
