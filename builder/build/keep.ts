import { chmod, mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { type Store, systemCode } from '../../store/index.js'

/**
 * Moves a directory of a failed build out of the staging area, for people to look at, and says where
 * it lies. It stays on the objects' file system, as moving is all that a large one can afford.
 */
export async function keepDirectory(store: Store, directory: string, name: string): Promise<string> {
  const parent = join(store.objects, '.failed')
  // Nobody else may enter: a build of root's can leave setuid files of the user it ran as.
  await mkdir(parent, { recursive: true, mode: 0o700 })
  await chmod(directory, 0o755)
  for (let n = 0; ; n++) {
    const target = join(parent, `${name}-${n}`)
    try {
      await mkdir(target)
      await rename(directory, target)
      return target
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error
    }
  }
}
