import { execFile } from 'node:child_process'
import { chown, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { downloadsFolder } from '../../builder/index.js'
import { type Ran, type RunOptions, runStore, temporaryRoot } from './command.js'

/** Who uses a store. Root's builds run as borrowed users, anybody else's as that user. */
export interface User {
  readonly name: string
  /** `undefined` is whoever runs the tests. */
  readonly uid: number | undefined
}

/** An id that nobody has. */
const ORDINARY_UID = 61_234

export const ordinaryUser: User = {
  name: 'an ordinary user',
  uid: process.getuid!() === 0 ? ORDINARY_UID : undefined,
}

/** Those this run of the tests can be: an ordinary user cannot be root. */
export const users: readonly User[] =
  process.getuid!() === 0 ? [{ name: 'root', uid: undefined }, ordinaryUser] : [ordinaryUser]

/** A store of a user's own, and the command as that user runs it. */
export interface UserStore extends AsyncDisposable {
  readonly path: string
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
}

/**
 * A store that belongs to `user`, empty, or with what lies in the store `from`. `HOME` is in it; what was ever
 * downloaded by whoever runs the tests is at hand.
 */
export async function storeOf(user: User, from?: string, parent?: string): Promise<UserStore> {
  const { uid } = user
  const root = await temporaryRoot(uid === undefined ? from : undefined, parent)
  if (uid !== undefined) {
    if (from !== undefined) await execute('cp', ['-a', join(from, 'store'), join(from, 'var'), root.path])
    await execute('chown', ['-R', '-h', `${uid}:${uid}`, root.path])
  }
  const home = join(root.path, 'home')
  await mkdir(home)
  if (uid !== undefined) await chown(home, uid, uid)
  const sources = downloadsFolder(process.env, homedir(), process.getuid!() === 0)
  return {
    ...root,
    run: (args, options = {}) =>
      runStore(root.path, args, {
        ...(uid !== undefined && { uid }),
        ...options,
        env: { HOME: home, STORE_SOURCES: sources, ...options.env },
      }),
  }
}

const execute = promisify(execFile)
