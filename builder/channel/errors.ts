import { StoreError } from '../../store/index.js'

export class BadChannelsFile extends StoreError {
  readonly code = 'BAD_CHANNELS_FILE'

  constructor(file: string, reason: string) {
    super(`Cannot read the channels in "${file}": ${reason}`, {
      hint: 'CHANNELS.md describes the file; without it there is the shipped channel alone',
    })
  }
}

export class BadPins extends StoreError {
  readonly code = 'BAD_PINS'

  constructor(file: string, reason: string) {
    super(`Cannot go back to what "${file}" says: ${reason}`, {
      hint: 'Write such a file with: store describe --json > pins.json',
    })
  }
}

export class UnknownChannel extends StoreError {
  readonly code = 'UNKNOWN_CHANNEL'

  constructor(name: string, known: readonly string[]) {
    super(`There is no channel "${name}"`, { hint: `The channels are: ${known.join(', ')}` })
  }
}

/** The folder of a channel that is known by its content has other content. */
export class OtherContent extends StoreError {
  readonly code = 'OTHER_CONTENT'

  constructor(name: string, wanted: string, found: string, isShipped: boolean) {
    super(
      `The channel "${name}" has other recipes than those asked for: their hash is ${found}, not ${wanted}`,
      {
        hint: isShipped
          ? 'Install the version of this program that had them, or name a commit of a clone of its repository'
          : 'Put its files back as they were; of a git repository every commit can be gone back to',
      },
    )
  }
}

/** git refuses repositories of other users, whose settings could run programs. */
export class ForeignRepository extends StoreError {
  readonly code = 'FOREIGN_REPOSITORY'
  readonly folder: string

  constructor(folder: string) {
    super(`git does not read the repository "${folder}", which belongs to another user`, {
      hint: `If you trust that user: git config --global --add safe.directory '${folder}'`,
    })
    this.folder = folder
  }
}

/** A folder or commit that recipes cannot be taken from. */
export class BadChannel extends StoreError {
  readonly code = 'BAD_CHANNEL'

  constructor(name: string, reason: string, hint = 'CHANNELS.md says what a channel is made of') {
    super(`Cannot use the channel "${name}": ${reason}`, { hint })
  }
}

export class ChannelUnreachable extends StoreError {
  readonly code = 'CHANNEL_UNREACHABLE'

  constructor(url: string, reason: string) {
    super(`Cannot fetch the channel "${url}": ${reason}`, {
      hint: 'Check the URL and the network; commits that were fetched before can be used without it',
    })
  }
}

export class UnknownCommit extends StoreError {
  readonly code = 'UNKNOWN_COMMIT'

  constructor(name: string, revision: string, isShallow: boolean) {
    super(`The channel "${name}" has no commit "${revision}"`, {
      hint: isShallow
        ? 'The clone is shallow; get the rest with: git fetch --unshallow'
        : 'Give the id of a commit, a tag or a branch of the channel; --channel names another one',
    })
  }
}

export class AmbiguousCommit extends StoreError {
  readonly code = 'AMBIGUOUS_COMMIT'

  constructor(revision: string, candidates: readonly string[]) {
    super(`Several commits start with "${revision}"`, { hint: `Give more of: ${candidates.join(', ')}` })
  }
}

/** What git has under an id is not what the id says. */
export class DamagedClone extends StoreError {
  readonly code = 'DAMAGED_CLONE'

  constructor(repository: string, reason: string) {
    super(`The clone in "${repository}" is damaged: ${reason}`, {
      hint: 'Look with: git fsck; a clone of our own is fetched anew once its folder is removed',
    })
  }
}

export class NotSigned extends StoreError {
  readonly code = 'NOT_SIGNED'

  /** `commit` is `undefined` for a folder that is not what a commit of it says. */
  constructor(name: string, commit: string | undefined, reason: string) {
    const what = commit === undefined ? 'folder' : `commit ${commit}`
    super(`The ${what} of the channel "${name}" is not signed by a key that it trusts: ${reason}`, {
      hint:
        commit === undefined
          ? 'Commit the changes and sign them, or name no keys for a folder of your own'
          : 'Ask whoever keeps the channel; "channel pull" and "time-machine" take it with --unsigned',
    })
  }
}

export class Downgrade extends StoreError {
  readonly code = 'DOWNGRADE'

  constructor(name: string, from: string, to: string) {
    super(`The channel "${name}" goes from ${from} back to ${to}, which does not come after it`, {
      hint: 'Its history was rewritten, or somebody serves you old recipes; --allow-downgrade takes it all the same',
    })
  }
}

export class GitMissing extends StoreError {
  readonly code = 'GIT_MISSING'

  constructor(cause: unknown) {
    super('Cannot run git, by which channels and sources are fetched', {
      hint: 'Install it (Debian: apt-get install git)',
      cause,
    })
  }
}
