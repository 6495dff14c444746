import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DamagedClone } from './errors.js'
import { complaint, git } from './git.js'

/**
 * Refuses a clone that lacks what its own branches and tags name, or that git takes for none. It is asked once something
 * is missing: why, git does not tell.
 */
export async function requireWhole(folder: string): Promise<void> {
  const { status, stderr } = await git(folder, ['for-each-ref', '--format=%(objecttype)'])
  if (status === 0) return
  if (!/not a git repository/.test(stderr)) throw new DamagedClone(folder, complaint(stderr))
  for (const name of ['.git', 'objects'])
    if (await stat(join(folder, name)).catch(() => undefined))
      throw new DamagedClone(folder, 'git takes it for no repository any more')
}
