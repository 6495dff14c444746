import { StoreError } from '../../store/index.js'
import { type ReadSetting, remedyFor } from './remedy.js'

/** A step of setting a sandbox up that the system refused. */
export interface Refusal {
  readonly step: string
  /** The system's code, such as `EPERM`. */
  readonly code: string
  /** The path it was about, or "". */
  readonly about: string
}

/** This machine, or what it is told to allow, does not let us make the sandbox. Nothing was run. */
export class SandboxUnavailable extends StoreError {
  readonly code = 'SANDBOX_UNAVAILABLE'
  readonly refusal: Refusal

  constructor(refusal: Refusal, readSetting: ReadSetting) {
    const about = refusal.about === '' ? '' : ` ("${refusal.about}")`
    super(`Cannot make a sandbox: ${refusal.step}${about} failed with ${refusal.code}`, {
      hint: remedyFor(refusal, readSetting),
    })
    this.refusal = refusal
  }
}

/** The sandbox was made, but its builder cannot be executed in it. */
export class BuilderNotExecutable extends StoreError {
  readonly code = 'BUILDER_NOT_EXECUTABLE'

  constructor({ about, code }: Refusal) {
    super(`Cannot execute the builder "${about}": ${code}`, {
      hint:
        code === 'ENOENT'
          ? 'It, or the interpreter it names, is in none of the inputs: add the package that has it to the inputs'
          : 'It must be an executable file for this machine, on a file system mounted without noexec',
    })
  }
}

/** The helper ended without saying how the build did. Whatever it ran is dead. */
export class SandboxLost extends StoreError {
  readonly code = 'SANDBOX_LOST'

  constructor(helper: string, end: string, cause?: unknown) {
    super(`The sandbox program "${helper}" ${end}`, {
      hint: 'Run node setup.mjs in the source folder if it is missing; else it was killed, for want of memory perhaps',
      ...(cause === undefined ? {} : { cause }),
    })
  }
}
