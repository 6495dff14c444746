import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const clone = fileURLToPath(new URL('../..', import.meta.url))

/** What an archive of the sources becomes once it is set up: the program without the history of its repository. */
export async function installInto(folder: string): Promise<void> {
  for (const part of ['dist', 'recipes', 'builder/recipe', 'package.json'])
    await cp(join(clone, part), join(folder, part), { recursive: true })
  await symlink(join(clone, 'node_modules'), join(folder, 'node_modules'))
}
