import { chmod, rm, truncate, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Level } from 'level'
import { expect, test } from 'vitest'
import { clonedStore, recipeFile } from '../support/cloned.js'

const store = clonedStore()

const onDisk = (path: string): string => join(store.path, path)

/** Makes the record of an object tell of other bytes than it has: as if the build that was registered had differed. */
async function alterRecord(path: string): Promise<void> {
  const level = new Level<string, string>(join(store.path, 'var/db-1'))
  const infos = level.sublevel<string, string>('infos', {})
  const record = JSON.parse((await infos.get(basename(path)))!)
  await infos.put(basename(path), JSON.stringify({ ...record, narHash: `blake3:${'0'.repeat(64)}` }))
  await level.close()
}

test('verify --repair builds lost objects again, and says which cannot be had', async () => {
  const recipe = await store.write(
    'my.ts',
    recipeFile(`
      export const mine = make('mine', sh\`mkdir "$out"; echo text > "$out"/text\`)
      export const other = make('other', sh\`mkdir "$out"; echo other > "$out"/text\`)`),
  )
  const { stdout, stderr } = await store.run(['build', `${recipe}:mine`, `${recipe}:other`])
  expect(stderr).not.toContain('error')
  const [mine = '', other = ''] = stdout.trim().split('\n')
  await writeFile(join(store.folder, 'added'), 'added')
  const added = (await store.run(['add', 'added'])).stdout.trim()
  await chmod(join(onDisk(mine), 'text'), 0o644)
  await truncate(join(onDisk(mine), 'text'), 1)
  await alterRecord(other)
  await rm(onDisk(added))
  const found = await store.run(['verify', '--contents'])
  expect(found.status).toBe(1)
  for (const path of [mine, other, added]) expect(found.stdout).toContain(path)
  const mended = await store.run(['verify', '--contents', '--repair'])
  expect(mended.status).toBe(1)
  expect(mended.stdout).not.toContain(mine)
  expect(mended.stdout).toMatch(/-added: .*It was added, not built/)
  expect(mended.stdout).toMatch(/-other-1: .*Made again, it has other bytes/)
})
