import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { Store } from '../../store/index.js'
import { git } from './git.js'

/** A git repository that commits are read from: the user's own clone, or what was fetched of a URL. */
export interface Repository {
  readonly url: string
  /** Where it lies on this machine. */
  readonly folder: string
  readonly isOwn: boolean
}

/** The clone of `url`: a folder is read where it lies, anything else has a clone in the state. */
export function repositoryOf({ state }: Pick<Store, 'state'>, url: string): Repository {
  if (isAbsolute(url)) return { url, folder: url, isOwn: false }
  const key = createHash('sha256').update(url).digest('hex').slice(0, 32)
  return { url, folder: join(state, 'channels', `${key}.git`), isOwn: true }
}

/** Where in its repository the channel's folder lies, with a slash at the end; empty for all of it. */
export async function prefixOf({ folder, isOwn }: Repository): Promise<string> {
  if (isOwn) return ''
  return (await git(folder, ['rev-parse', '--show-prefix'])).stdout.toString().replace(/\n$/, '')
}

export const isThere = async ({ folder }: Repository): Promise<boolean> =>
  (await stat(folder).catch(() => undefined)) !== undefined

/** Whether `older` is `newer` or comes before it in its history. */
export const isAncestor = async ({ folder }: Repository, older: string, newer: string): Promise<boolean> =>
  (await git(folder, ['merge-base', '--is-ancestor', older, newer])).status === 0
