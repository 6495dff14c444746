import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { systemCode, writing } from '../../store/index.js'
import type { ChannelConfig } from './config.js'
import { git } from './git.js'
import { isAncestor, type Repository } from './repository.js'

/** What was pulled last, and whether the user then took it though no key of the channel had signed it. */
export interface Pulled {
  readonly commit: string
  readonly isUnsigned: boolean
}

/** What a record is of: each channel of a URL has its own, and another one with each branch. */
type Of = Pick<ChannelConfig, 'name' | 'branch'>

/** The ref of our clone that a channel follows. */
export const branchOf = ({ branch }: Of): string =>
  branch === undefined ? 'refs/store/head' : `refs/heads/${branch}`

const UNSIGNED = 'unsigned'

export async function readPulled(repository: Repository, channel: Of): Promise<Pulled | undefined> {
  const record = await read(pulledFile(repository, channel))
  if (record !== undefined) return record
  const old = await read(oldFile(repository))
  if (old === undefined || !(await isOfChannel(repository, channel, old.commit))) return undefined
  const pulled = { commit: old.commit, isUnsigned: false }
  await writePulled(repository, channel, pulled)
  return pulled
}

/** Writes what was pulled. A record of an older version that comes before it would take others back, and goes along. */
export async function writePulled(repository: Repository, channel: Of, pulled: Pulled): Promise<void> {
  await write(pulledFile(repository, channel), pulled)
  const old = await read(oldFile(repository))
  if (old !== undefined && (await isAncestor(repository, old.commit, pulled.commit)))
    await write(oldFile(repository), pulled)
}

const write = (file: string, { commit, isUnsigned }: Pulled): Promise<void> =>
  writing(file, async () => {
    const fresh = `${file}.${process.pid}`
    await writeFile(fresh, isUnsigned ? `${commit} ${UNSIGNED}\n` : `${commit}\n`)
    await rename(fresh, file)
  })

/** The record that older versions kept for all channels of a URL. */
const oldFile = ({ folder }: Repository): string => `${folder}.pulled`

function pulledFile({ folder }: Repository, channel: Of): string {
  const key = createHash('sha256')
    .update(`${channel.name}\n${branchOf(channel)}`)
    .digest('hex')
  return `${folder}.${key.slice(0, 32)}.pulled-2`
}

async function read(file: string): Promise<Pulled | undefined> {
  const text = await readFile(file, 'utf8').catch(error => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const [commit = '', unsigned] = text.trim().split(' ')
  return { commit, isUnsigned: unsigned === UNSIGNED }
}

/**
 * Whether the record of a URL, which older versions kept for all its channels, is of this one: its branch has the
 * commit, as it was fetched last, or no branch does. That somebody took it unsigned says nothing of this channel.
 */
async function isOfChannel({ folder }: Repository, channel: Of, commit: string): Promise<boolean> {
  const args = [
    'for-each-ref',
    `--contains=${commit}`,
    '--format=%(refname)',
    'refs/heads',
    'refs/store/head',
  ]
  const refs = (await git(folder, args)).stdout.toString().split('\n').slice(0, -1)
  return refs.length === 0 || refs.includes(branchOf(channel))
}
