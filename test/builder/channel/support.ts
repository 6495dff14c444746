import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ChannelConfig } from '../../../builder/channel/config.js'
import { findInChannels } from '../../../builder/channel/find.js'
import type { Pin } from '../../../builder/channel/folder.js'
import type { ChannelHost } from '../../../builder/channel/host.js'
import { type OpenChannel, openAt } from '../../../builder/channel/open.js'
import { lower } from '../../../builder/lower/lower.js'
import { evaluator } from '../../support/channel.js'
import { makeRepository, type TestRepository } from '../../support/repository.js'
import { temporaryStore } from '../../support/store.js'

/** The folder of this program. */
const shipped = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** A store, a host that tells what it notes, and a repository `channel` beside them. */
export async function setUp() {
  const store = await temporaryStore()
  const notes: string[] = []
  const host: ChannelHost = {
    state: store.state,
    shipped,
    evaluator,
    note: text => notes.push(text),
    openStore: async () => store,
  }
  const repository = makeRepository(join(store.directory, 'channel'))
  const channel: ChannelConfig = { name: 'mine', url: repository.folder }
  return { store, host, notes, repository, channel, [Symbol.asyncDispose]: store[Symbol.asyncDispose] }
}

/** A pin as far as its point goes. */
export const atCommit = (commit: string, isDirty = false): Pick<Pin, 'point'> => ({
  point: { kind: 'commit', commit, isDirty },
})

/** The derivation of the package `it` at a commit. */
export const lowerAt = async (
  host: ChannelHost,
  channel: ChannelConfig,
  commit: string,
  name = 'it',
): Promise<string> => lowerIn(await openAt(host, channel, commit), name)

/** The derivation of the package `it` of a channel. */
export async function lowerIn(channel: OpenChannel, name = 'it'): Promise<string> {
  const found = await findInChannels([channel], name, { cwd: '/', note: () => {} })
  const { nodes } = await lower(found.emission, found.roots)
  return nodes[found.package.node!]!.path
}

/** Puts the recipe library of this program into a repository. */
export const bundled = (repository: TestRepository): Promise<void> =>
  cp(join(shipped, 'builder/recipe'), join(repository.folder, 'builder/recipe'), { recursive: true })
