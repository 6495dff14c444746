import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CHANNEL, makeRoot, type RecipeWorld } from '../../builder/lower/roots.js'

/** The recipe library as it is shipped. */
export const recipeLibrary = fileURLToPath(new URL('../../dist/recipe.js', import.meta.url))

export const evaluator = {
  sandbox: fileURLToPath(new URL('../../dist/native/sandbox', import.meta.url)),
  program: fileURLToPath(new URL('../../dist/evaluate.cjs', import.meta.url)),
}

/** Writes recipe files into `folder`, which becomes the channel. */
export async function writeChannel(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<RecipeWorld> {
  await mkdir(folder, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return { evaluator, library: recipeLibrary, channel: await makeRoot(CHANNEL, folder) }
}

/** A recipe file with one recipe that needs nothing but a shell that is never run. */
export const recipeFile = (name: string, fields = '', before = ''): string => `
import { recipe, sh, text, trivial, fetchUrl, localFile } from 'store/recipe'
${before}
export const it = recipe({
  name: '${name}',
  version: '1',
  phases: trivial(sh\`mkdir "$out"\`, { shell: text('/sh') }),
  ${fields}
})
`
