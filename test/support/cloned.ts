import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, inject } from 'vitest'
import { type Ran, type RunOptions, runStore, temporaryRoot } from './command.js'

/** A store that the tests of one file share, and a folder of recipes outside the clone. */
export interface ClonedStore {
  readonly path: string
  /** Where the recipes lie, and where commands are run. */
  readonly folder: string
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Writes a file below the folder and gives its path. */
  write(name: string, content: string | Uint8Array, mode?: number): Promise<string>
  /** What lies in the staging area; nothing while no command runs. */
  staged(): Promise<readonly string[]>
  /** The names of the objects on disk, whether or not they are valid. */
  objects(): Promise<readonly string[]>
}

/** Clones the seeded store before the tests of this file and removes the clone after them. */
export function clonedStore(): ClonedStore {
  let root: Awaited<ReturnType<typeof temporaryRoot>>
  const folder = (): string => join(root.path, 'recipes')
  beforeAll(async () => {
    root = await temporaryRoot(inject('seeded'))
    await mkdir(folder())
  })
  afterAll(() => root[Symbol.asyncDispose]())
  return {
    get path() {
      return root.path
    },
    get folder() {
      return folder()
    },
    run: (args, options = {}) => runStore(root.path, args, { cwd: folder(), ...options }),
    write: async (name, content, mode = 0o644) => {
      const file = join(folder(), name)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content, { mode })
      return file
    },
    staged: () => readdir(join(root.path, 'store/.staging')).catch(() => []),
    objects: async () => (await readdir(join(root.path, 'store'))).map(name => name.slice(33)),
  }
}

/** A recipe file. Its recipes are made by `make(name, script, fields)`: builds with bash and the small programs. */
export const recipeFile = (body: string): string => `
import { copy, fetchTarball, fetchUrl, gnu, localFile, output, recipe, sh, text, trivial } from 'store/recipe'
import { toolchain } from 'store/channel/toolchain'
const { bash, coreutils, glibc } = toolchain
const make = (name, script, fields = {}) =>
  recipe({ name, version: '1', inputs: { bash, coreutils, glibc }, phases: trivial(script), ...fields })
${body}`
