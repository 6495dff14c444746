import { makePhases, type Phases } from '../phases.js'
import { checkFields } from '../problem.js'
import { sh, type Text } from '../text.js'
import { phaseDriver, shellOf } from './driver.js'

export interface TrivialOptions {
  /** The program that runs the script; `bin/bash` of the input `bash` when left out. */
  readonly shell?: Text
  /** What it has to be told before `-c`: a program with many names learns here that it is `sh`. */
  readonly shellArguments?: readonly string[]
}

/** One script that makes the outputs `$out`, ...; it starts in the empty working directory. */
export function trivial(script: Text, options: TrivialOptions = {}): Phases<TrivialOptions> {
  checkFields('trivial', options, ['shell', 'shellArguments'])
  const driver = phaseDriver(recipe => options.shell ?? shellOf(recipe, 'bash', 'bin/bash'), sh`set -eu`)
  const { shellArguments = [] } = options
  return makePhases({ ...driver, shellArguments }, options, [{ name: 'build', script: () => script }])
}
