import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findPackage } from '../../../builder/lower/packages.js'
import type { Transformations } from '../../../builder/recipe/index.js'
import { recipeFile, writeChannel } from '../../support/channel.js'
import { temporaryDirectory } from '../../support/store.js'

/** Finds `name` in a channel with the packages `a` and `tool`, a broken file, and a local file of `mine` that needs `tool`. */
async function find(name: string, transform: Transformations) {
  await using directory = await temporaryDirectory()
  const world = await writeChannel(join(directory.path, 'channel'), {
    'a.ts': recipeFile('a'),
    'tool.ts': recipeFile('tool'),
    'broken.ts': recipeFile('broken', "nmae: 'b',"),
  })
  const useTool = "import { it as tool } from 'store/channel/tool'"
  await writeFile(join(directory.path, 'my.ts'), recipeFile('mine', 'inputs: { tool }', useTool))
  return await findPackage(world, name, { cwd: directory.path, transform })
}

test.each(['tool', './my.ts'])(
  'a broken recipe stops no transformed %s that has nothing of it',
  async name => {
    expect((await find(name, { withoutTests: ['tool'] })).emission.changed).toEqual(['tool'])
  },
)

test.each<[string, string, Transformations]>([
  ['is asked for', 'broken', { withoutTests: ['tool'] }],
  ['is changed', 'tool', { withoutTests: ['broken'] }],
  ['takes the place of another', './my.ts', { withInput: [{ name: 'tool', replacement: 'broken' }] }],
])('a broken recipe is told of when it %s', async (_what, name, transform) => {
  await expect(find(name, transform)).rejects.toMatchObject({
    code: 'BAD_RECIPE',
    message: expect.stringContaining('channel/broken.ts:4:'),
  })
})

test('what is wrong with a transformation is told, whatever else is broken', async () => {
  const none = { withInput: [{ name: 'tool', replacement: 'none' }] }
  await expect(find('./my.ts', none)).rejects.toThrow('There is no recipe "none"')
})
