import { type Digest, formatDigest, formatStorePath, StoreError, type StorePath } from '../../store/index.js'

/** A line of a log; the first has the number 1. */
export interface LogLine {
  readonly number: number
  readonly text: string
}

/** Where to look further after a build has failed. */
export interface FailureDetails {
  /** The file of the log, compressed. */
  readonly log: string
  /** The store path of the derivation, by which the log is found. */
  readonly derivation: string
  readonly tail: readonly string[]
  /** Lines of the last phase before those that say what went wrong, the first ones only. */
  readonly found: readonly LogLine[]
  readonly kept: string | undefined
}

/** A build that did not come to its end: the sentence has its last lines. */
abstract class UnfinishedBuild extends StoreError {
  readonly details: FailureDetails

  constructor(name: string, reason: string, details: FailureDetails) {
    super(`The build of "${name}" ${reason}${describeLog(details)}`, {
      hint: details.kept
        ? `Read the log with: store log ${details.derivation}; the build directory is kept in ${details.kept}`
        : `Read the log with: store log ${details.derivation}; keep the build directory with --keep-failed`,
    })
    this.details = details
  }
}

function describeLog({ found, tail }: FailureDetails): string {
  const lines = tail.length > 0 ? `its last lines:\n${tail.map(line => `  ${line}`).join('\n')}` : ''
  if (found.length === 0) return lines && `; ${lines}`
  const errors = found.map(({ number, text }) => `  ${number}: ${text}`).join('\n')
  return `; its first errors, by line:\n${errors}\n${lines}`
}

export class BuildFailed extends UnfinishedBuild {
  readonly code = 'BUILD_FAILED'
}

export class TimedOut extends UnfinishedBuild {
  readonly code = 'TIMED_OUT'
}

export class NotReproducible extends StoreError {
  readonly code = 'NOT_REPRODUCIBLE'

  constructor(
    name: string,
    outputs: readonly { readonly path: StorePath; readonly before: Digest; readonly now: Digest }[],
    kept: readonly string[],
  ) {
    const lines = outputs.map(
      ({ path, before, now }) =>
        `  ${formatStorePath(path)}: ${formatDigest(before)}, now ${formatDigest(now)}`,
    )
    super(`A second build of "${name}" gave other bytes:\n${lines.join('\n')}`, {
      hint:
        kept.length > 0
          ? `${kept.length > 1 ? 'Both builds are' : 'The second build is'} kept in ${kept.join(' and ')}; compare with diff -r or diffoscope`
          : 'Keep what is built with --keep-failed and compare the two',
    })
  }
}

export class UnknownWorld extends StoreError {
  readonly code = 'UNKNOWN_WORLD'

  constructor(name: string, what: string) {
    super(`Cannot build "${name}": this program does not know ${what}`, {
      hint: 'Use a newer version of store',
    })
  }
}

/** A file of an output, and the hash part of a store path in it. */
export interface Mention {
  readonly file: string
  readonly hashPart: string
}

export class UndeclaredReference extends StoreError {
  readonly code = 'UNDECLARED_REFERENCE'

  constructor(name: string, output: StorePath, mentions: readonly Mention[]) {
    const lines = mentions.map(
      ({ file, hashPart }) =>
        `  ${file || '(the output itself)'} names ${formatStorePath(hashPart as StorePath)}-...`,
    )
    super(
      `The build of "${name}" made ${formatStorePath(output)}, which names objects it did not declare:\n${lines.join('\n')}`,
      {
        hint: 'Make them inputs of the recipe, or remove the text that names them',
      },
    )
  }
}

export class BadOutput extends StoreError {
  readonly code = 'BAD_OUTPUT'

  constructor(name: string, problem: string) {
    super(`The build of "${name}" made what no object can be: ${problem}`, {
      hint: 'A store object consists of regular files, directories and symlinks; let the build not make it',
    })
  }
}

export class ArchiveEscapes extends StoreError {
  readonly code = 'ARCHIVE_ESCAPES'

  constructor(name: string, member: string) {
    super(`Cannot accept "${name}": its member "${member}" would be unpacked outside the source`, {
      hint: 'Get the archive from its authors; a release has no such members',
    })
  }
}

export class Interrupted extends StoreError {
  readonly code = 'INTERRUPTED'

  constructor() {
    super('Interrupted; every build was stopped and cleaned up', {
      hint: 'Give the command again to go on: what was built before is kept',
    })
  }
}

/** Failures of a plan, and the names of what could not be built because of them. */
export class SeveralFailed extends StoreError {
  readonly code = 'SEVERAL_FAILED'
  readonly failures: readonly StoreError[]
  readonly unbuilt: readonly string[]

  constructor(failures: readonly StoreError[], unbuilt: readonly string[]) {
    super(failures.map(({ message }) => message).join('\n'), {
      hint: failures.flatMap(({ hint }) => hint ?? []).join('\n'),
    })
    this.failures = failures
    this.unbuilt = unbuilt
  }
}
