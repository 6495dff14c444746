import { makePhases, type Phases } from '../phases.js'
import { checkFields } from '../problem.js'
import { sh, type Text } from '../text.js'
import { phaseDriver, shellOf } from './driver.js'

export interface TrivialOptions {
  /** The program that runs the script; `bin/bash` of the input `bash` when left out. */
  readonly shell?: Text
}

/** One script that makes the outputs `$out`, ...; it starts in the empty working directory. */
export function trivial(script: Text, options: TrivialOptions = {}): Phases<TrivialOptions> {
  checkFields('trivial', options, ['shell'])
  const driver = phaseDriver(
    ({ inputs }) => options.shell ?? shellOf(inputs, 'bash', 'bin/bash'),
    sh`set -eu`,
  )
  return makePhases(driver, options, [{ name: 'build', script: () => script }])
}
