import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { watchPacks } from '../../../builder/fetch/pack-growth.js'
import { scratch } from './support.js'

const waitFor = (signal: AbortSignal) => delay(10_000, 'came', { signal })

test('watchPacks() ends a fetch to which nothing comes, and not one that receives', async () => {
  await using directory = await scratch()
  const packs = join(directory.path, 'objects/pack')
  await mkdir(packs, { recursive: true })
  let received = 0
  const onReceived = (more: number): void => {
    received += more
  }
  const watch = { onReceived, patience: 600 }
  const growing = async (): Promise<string> => {
    for (let i = 1; i <= 6; i++) {
      await writeFile(join(packs, 'tmp_pack_a'), 'x'.repeat(i))
      await delay(250)
    }
    return 'came'
  }
  expect(await watchPacks(directory.path, watch, growing)).toBe('came')
  expect(received).toBe(6)
  await expect(watchPacks(directory.path, watch, waitFor)).rejects.toMatchObject({
    passing: true,
    message: expect.stringContaining('nothing came'),
  })
})

test('watchPacks() gives the reason of who ends it', async () => {
  await using directory = await scratch()
  await mkdir(join(directory.path, 'objects/pack'), { recursive: true })
  const controller = new AbortController()
  const watched = watchPacks(
    directory.path,
    { onReceived: () => undefined, signal: controller.signal },
    waitFor,
  )
  controller.abort(new Error('enough'))
  await expect(watched).rejects.toThrow('enough')
})
