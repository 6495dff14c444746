import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listPackages } from '../../../builder/lower/packages.js'
import { writeChannel } from '../../support/channel.js'
import { temporaryDirectory } from '../../support/store.js'

/** Ways to give something a name, as `NAME`. */
const ways = [
  'const NAME = () => 1',
  'const NAME = function () {}',
  'function NAME() {}',
  'async function NAME() {}',
  'function* NAME() {}',
  'class NAME {}',
  'const NAME = class {}',
  'let NAME; NAME = () => 1',
  'let NAME; NAME ??= () => 1',
  'const { NAME = () => 1 } = {}',
  'const [NAME = () => 1] = []',
  'export const NAME = () => 1',
  'const NAME = class { static seen = this.name }; if (NAME.seen !== NAME.name) throw NAME.seen',
  'const keep = [function NAME() {}]; const NAME = keep[0]',
]

const recipeFile = (way: string): string => `
import { recipe, sh, text, trivial } from 'store/recipe'
${way.replaceAll('NAME', 'trim')}
export const it = recipe({
  name: 'it',
  version: trim.name,
  phases: trivial(sh\`mkdir "$out"\`, { shell: text('/sh') }),
})
`

test.each(ways)('%s has its name, whatever else is called alike', async way => {
  await using directory = await temporaryDirectory()
  const others = ways.map((_, i) => [`a${i}.ts`, recipeFile('const trim = function () {}')])
  const files = {
    ...Object.fromEntries(others),
    'it.ts': recipeFile(way),
    'z.ts': recipeFile('class trim {}'),
  }
  const world = await writeChannel(join(directory.path, 'channel'), files)
  const versions = (await listPackages(world)).map(({ version }) => version)
  expect(new Set(versions)).toEqual(new Set(['trim']))
})

test('what a file gives by default is called so', async () => {
  await using directory = await temporaryDirectory()
  const world = await writeChannel(join(directory.path, 'channel'), {
    'it.ts': `import given from './parts/given'\n${recipeFile('const trim = given')}`,
    'parts/given.ts': 'export default () => 1',
  })
  expect((await listPackages(world)).map(({ version }) => version)).toEqual(['default'])
})
