import type { Source } from '../../source.js'
import type { ShellValue } from '../../text.js'

/** What a `gnu` build can be told. */
export interface GnuOptions {
  /** Patches for the source, applied in order with `patch -p1`. */
  readonly patches: readonly Source[]
  readonly configureFlags: readonly ShellValue[]
  /** For every run of make. */
  readonly makeFlags: readonly ShellValue[]
  readonly buildTargets: readonly string[]
  readonly checkTargets: readonly string[]
  readonly installTargets: readonly string[]
  /** Whether make builds several targets at once. */
  readonly parallelBuild: boolean
  readonly parallelTests: boolean
}

export const gnuDefaults: GnuOptions = Object.freeze({
  patches: [],
  configureFlags: [],
  makeFlags: [],
  buildTargets: [],
  checkTargets: ['check'],
  installTargets: ['install'],
  parallelBuild: true,
  parallelTests: true,
})
