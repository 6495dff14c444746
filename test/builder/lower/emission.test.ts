import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseEmission } from '../../../builder/lower/emission.js'
import { lower } from '../../../builder/lower/lower.js'
import { makeRoot } from '../../../builder/lower/roots.js'
import { emit, fetchTarball, recipe, sh, text, trivial } from '../../../builder/recipe/index.js'
import { temporaryDirectory } from '../../support/store.js'

const it = recipe({
  name: 'it',
  version: '1',
  source: fetchTarball({ url: 'https://example.org/it.tar', hash: `sha256:${'0'.repeat(64)}` }),
  phases: trivial(sh`mkdir "$out"`, { shell: text('/sh') }),
})
const emission = emit({ 'channel/it.ts': { it } }, { select: {} })

/** The emission with `value` in the place of what `path` leads to. */
function changed(path: readonly string[], value: unknown): string {
  const copy = JSON.parse(JSON.stringify(emission))
  const [last = '', ...way] = path.toReversed()
  const place = way.toReversed().reduce((at, key) => at[key], copy)
  place[last] = value
  return JSON.stringify(copy)
}

const golden = (name: string): string => join(import.meta.dirname, '../../golden/recipe', name)

describe('parseEmission', () => {
  test('reads what the library emits', () => {
    expect(parseEmission(JSON.stringify(emission))).toEqual(emission)
  })

  test('reads what the first library emitted, which knew less', () => {
    const first = { format: 'recipes-1', packages: [], nodes: [] }
    expect(parseEmission(JSON.stringify(first))).toEqual({ ...first, changed: [] })
  })

  test('reads golden/recipe/recipes-1.json, which gives the names beside it', async () => {
    const first = parseEmission(await readFile(golden('recipes-1.json'), 'utf8'))
    const { nodes } = await lower(first, [])
    const lines = nodes.flatMap(node => ('outputs' in node ? [node.path, ...node.outputs.values()] : []))
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(golden('recipes-1.names.txt'))
  })

  test.each<readonly [string[], unknown, string]>([
    [['nodes'], {}, 'lacks packages or nodes'],
    [['format'], 2, 'its format'],
    [['nodes', '0'], null, 'node 0 is no record'],
    [['nodes', '0', 'urls'], 'x', 'node 0 has a wrong urls'],
    [['nodes', '1', 'user'], 'admin', 'node 1 has a wrong user'],
    [['nodes', '1', 'epoch'], 'now', 'node 1 has a wrong epoch'],
    [['nodes', '1', 'args'], [[{ node: 1, output: 'out' }]], 'node 1 has a wrong args'],
    [['nodes', '1', 'args'], [[{ node: -1, output: 'out' }]], 'node 1 has a wrong args'],
    [['nodes', '1', 'env'], { source: [{ node: 0, output: 'dev' }] }, 'node 1 has a wrong env'],
    [['packages', '0', 'name'], 1, 'package 0 has a wrong name'],
    [['packages', '0', 'node'], 'length', 'package 0 has no node'],
  ])('refuses %j = %j', (path, value, reason) => {
    expect(() => parseEmission(changed(path, value))).toThrow(
      expect.objectContaining({ code: 'BAD_RECIPE', message: expect.stringContaining(reason) }),
    )
  })

  test('takes any text for what it is, or refuses it as a mistake of recipes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        expect(() => parseEmission(text)).toThrow(expect.objectContaining({ code: 'BAD_RECIPE' }))
      }),
    )
  })
})

describe('a library that lies of local files', () => {
  const local = (path: string) => ({
    ...emission,
    nodes: [{ kind: 'local' as const, name: 'it', path }],
  })

  test('gets none from outside the channel', async () => {
    await using directory = await temporaryDirectory()
    const folder = join(directory.path, 'channel')
    await mkdir(folder)
    await writeFile(join(directory.path, 'secret'), 'secret')
    await writeFile(join(folder, 'own'), 'own')
    await symlink(directory.path, join(folder, 'link'))
    const roots = [await makeRoot('channel', folder)]
    expect((await lower(local('channel/own'), roots)).locals.size).toBe(1)
    for (const path of [
      'channel/../secret',
      'channel/link/secret',
      'channel/../../etc/passwd',
      '/etc/passwd',
      'etc/passwd',
    ])
      await expect(lower(local(path), roots), path).rejects.toMatchObject({ code: 'BAD_RECIPE' })
  })
})
