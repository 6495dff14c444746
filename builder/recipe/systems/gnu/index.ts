import { makePhases, type Phases } from '../../phases.js'
import { checkFields } from '../../problem.js'
import { build, check, configure, install } from './build.js'
import { bashDriver } from './driver.js'
import { type GnuOptions, gnuDefaults } from './options.js'
import { checkLibraries, checkOutputs, clean, patchShebangs, split, strip } from './outputs.js'
import { bootstrap, patch, patchSourceShebangs, unpack } from './source.js'

/** `./configure && make && make check && make install`, with what a store asks for around it. */
export function gnu(options: Partial<GnuOptions> = {}): Phases<GnuOptions> {
  checkFields('gnu', options, Object.keys(gnuDefaults))
  return makePhases<GnuOptions>(bashDriver, { ...gnuDefaults, ...options }, [
    unpack,
    patch,
    patchSourceShebangs,
    bootstrap,
    configure,
    build,
    check,
    install,
    split,
    strip,
    patchShebangs,
    clean,
    checkLibraries,
    checkOutputs,
  ])
}
