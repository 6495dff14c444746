import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

const mayImport: Record<string, readonly string[]> = {
  store: [],
  builder: ['store'],
  cli: ['store', 'builder'],
}

const sources = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true }))
    .filter(file => /(?<!\.d)\.ts$/.test(file))
    .map(file => join(folder, file))

const importsOf = async (file: string): Promise<string[]> =>
  [...(await readFile(file, 'utf8')).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1]!)

test.each(Object.entries(mayImport))(
  '%s imports only the doors of the layers below it',
  async (layer, below) => {
    const doors = below.map(name => `${name}/index.js`)
    for (const file of await sources(layer)) {
      const outside = (await importsOf(file))
        .filter(path => path.startsWith('.'))
        .map(path => normalize(join(dirname(file), path)))
        .filter(path => !path.startsWith(`${layer}/`) && /^(store|builder|recipes|cli|test)\//.test(path))
      expect(doors, file).toEqual(expect.arrayContaining(outside))
    }
  },
)

test('the recipe library imports nothing but itself', async () => {
  for (const file of await sources('builder/recipe')) {
    const outside = (await importsOf(file)).filter(
      path => !normalize(join(dirname(file), path)).startsWith('builder/recipe/'),
    )
    expect(outside, file).toEqual([])
  }
})

test('recipes import only the library and each other', async () => {
  for (const file of await sources('recipes')) {
    const outside = (await importsOf(file)).filter(
      path => path !== 'store/recipe' && !normalize(join(dirname(file), path)).startsWith('recipes/'),
    )
    expect(outside, file).toEqual([])
  }
})

test('only store/db imports the database', async () => {
  for (const file of (await Promise.all(Object.keys(mayImport).map(sources))).flat()) {
    if (!file.startsWith('store/db/')) expect(await importsOf(file), file).not.toContain('level')
  }
})

test('files stay short enough to be read at once', async () => {
  for (const file of (await Promise.all(Object.keys(mayImport).map(sources))).flat()) {
    expect((await readFile(file, 'utf8')).split('\n').length, file).toBeLessThanOrEqual(260)
  }
})

test('every error code has a row in ERRORS.md', async () => {
  const documented = await readFile('ERRORS.md', 'utf8')
  for (const file of (await Promise.all(Object.keys(mayImport).map(sources))).flat()) {
    for (const [, code] of (await readFile(file, 'utf8')).matchAll(/readonly code = '([A-Z_]+)'/g)) {
      expect(documented, `${file} has the code ${code}`).toContain(`\`${code}\``)
    }
  }
})
