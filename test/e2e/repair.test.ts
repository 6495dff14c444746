import { chmod, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises'
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

test('an object is made again from its derivation, and when that is lost, too, from its recipe', async () => {
  const recipe = await store.write(
    'lost.ts',
    recipeFile(`
      export const gone = make('gone', sh\`echo gone > "$out"\`)
      export const altered = make('altered', sh\`echo true > "$out"\`)`),
  )
  const packages = [`${recipe}:gone`, `${recipe}:altered`]
  const built = await store.run(['build', ...packages])
  expect(built, built.stderr).toMatchObject({ status: 0 })
  const outputs = built.stdout.trim().split('\n')
  const [gone = '', altered = ''] = (await store.run(['build', '--derivation', ...packages])).stdout
    .trim()
    .split('\n')
  expect(await store.run(['gc', '--delete', gone])).toMatchObject({ status: 0 })
  const text = await readFile(onDisk(altered), 'latin1')
  await chmod(onDisk(altered), 0o644)
  await writeFile(onDisk(altered), text.replace('echo true', 'echo TRUE'), 'latin1')
  await utimes(onDisk(altered), 1, 1)
  await chmod(onDisk(altered), 0o444)
  for (const output of outputs) await rm(onDisk(output))

  const told = await store.run(['verify', '--repair'])
  expect(told.status).toBe(1)
  expect(told.stdout).toMatch(
    new RegExp(
      `^missing: ${outputs[0]}: .*"${gone}" is not in the store any more\\. .*store verify --repair PKG$`,
      'm',
    ),
  )
  expect(told.stdout).toMatch(
    new RegExp(`^missing: ${outputs[1]}: .*"${altered}" is damaged\\. .*store verify --repair PKG$`, 'm'),
  )
  const mended = await store.run(['verify', '--repair', ...packages])
  expect(mended, mended.stdout).toMatchObject({ status: 0, stdout: '' })
  expect(await store.run(['verify', '--contents'])).toMatchObject({ status: 0, stdout: '' })
  expect(await readFile(onDisk(outputs[0]!), 'latin1')).toBe('gone\n')
  expect(await readFile(onDisk(altered), 'latin1')).toBe(text)
})

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
  expect(mended.status).toBe(104)
  expect(mended.stdout).not.toContain(mine)
  expect(mended.stdout).toMatch(/-added: .*It was added, not built/)
  expect(mended.stdout).toMatch(/-other-1: .*Made again, it has other bytes/)
})
