import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ran } from './command.js'
import type { UserStore } from './users.js'

/** A recipe file whose build runs `script` with bash and the small GNU programs. */
export const scriptRecipe = (script: string, fields = ''): string => `
import { fetchTarball, fetchUrl, recipe, text, trivial } from 'store/recipe'
import { toolchain } from 'store/channel/toolchain'
const { bash, coreutils, grep } = toolchain
export const it = recipe({
  name: 'it',
  version: '1',
  inputs: { bash, coreutils, grep },
  phases: trivial(text(${JSON.stringify(script)})),
  ${fields}
})
`

export interface Built extends Ran {
  /** Where the output lies on disk, when it was built. */
  readonly output: string
}

/** Builds `script`'s recipe in `store`. */
export async function buildScript(
  store: UserStore,
  script: string,
  { fields = '', args = [] as readonly string[] } = {},
): Promise<Built> {
  const file = join(store.path, 'it.ts')
  await writeFile(file, scriptRecipe(script, fields))
  const ran = await store.run(['build', file, ...args])
  return { ...ran, output: join(store.path, ran.stdout.trim()) }
}
