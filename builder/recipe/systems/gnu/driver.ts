import { sh } from '../../text.js'
import { phaseDriver, shellOf } from '../driver.js'

/** Bash from the input `bash`, strict: a failing command, an unset variable or a broken pipe ends the build. */
export const bashDriver = phaseDriver(
  recipe => shellOf(recipe, 'bash', 'bin/bash'),
  sh`set -eu -o pipefail
export SHELL="$BASH" CONFIG_SHELL="$BASH"`,
)
