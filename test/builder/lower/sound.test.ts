import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listSound } from '../../../builder/lower/sound.js'
import { recipeFile, writeChannel } from '../../support/channel.js'
import { temporaryDirectory } from '../../support/store.js'

/** The names of the packages that can be listed of a channel of these files, and the mistakes of the others. */
async function list(files: Readonly<Record<string, string>>) {
  await using directory = await temporaryDirectory()
  const world = await writeChannel(join(directory.path, 'channel'), files)
  const mistakes: string[] = []
  const packages = await listSound(world, ({ message }) => mistakes.push(message))
  return { names: packages.map(({ name }) => name).sort(), mistakes }
}

test('a recipe that never ends keeps none of the others from being listed, and is named', async () => {
  const names = ['a', 'b', 'c']
  const good = Object.fromEntries(names.map(name => [`${name}.ts`, recipeFile(name)]))
  const listed = await list({ ...good, 'loop.ts': 'for (;;) {}' })
  expect(listed).toEqual({
    names,
    mistakes: [expect.stringMatching(/\/loop\.ts: The recipes are not evaluated/)],
  })
})

test('where what all import is broken, that is told once, and soon', async () => {
  const names = Array.from({ length: 200 }, (_, i) => `it-${i}`)
  const files = names.map(name => [`${name}.ts`, recipeFile(name, '', "import './lib/broken.ts'")] as const)
  const listed = await list({ ...Object.fromEntries(files), 'lib/broken.ts': 'nothing.at.all()' })
  expect(listed).toEqual({ names: [], mistakes: [expect.stringMatching(/\/broken\.ts:1:1: /)] })
})
