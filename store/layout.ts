import { join, resolve } from 'node:path'

/** The logical store directory. It is part of every path inside build products, so it never varies. */
export const STORE_DIRECTORY = '/store'

/** The two directories of a store: its objects, and everything it knows about them. */
export interface Layout {
  readonly objects: string
  readonly state: string
}

/** Where a user's store lies, from the environment and the user's id; a relative root is below the current directory. */
export function locateStore(env: Readonly<Record<string, string | undefined>>, uid: number): Layout {
  if (env.STORE_ROOT) return under(resolve(env.STORE_ROOT))
  if (uid === 0) return { objects: STORE_DIRECTORY, state: '/var/lib/store' }
  const data = env.XDG_DATA_HOME?.startsWith('/') ? env.XDG_DATA_HOME : join(env.HOME || '/', '.local/share')
  return under(join(data, 'store'))
}

const under = (root: string): Layout => ({ objects: join(root, 'store'), state: join(root, 'var') })
