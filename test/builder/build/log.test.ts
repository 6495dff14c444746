import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openLog, phaseOf } from '../../../builder/build/log.js'
import { somePath } from '../../support/derivation.js'
import { temporaryDirectory } from '../../support/store.js'

async function write(...chunks: string[]) {
  await using directory = await temporaryDirectory()
  const lines: string[] = []
  const log = await openLog(directory.path, somePath('a.drv'), line => lines.push(line))
  for (const chunk of chunks) await log.write(Buffer.from(chunk))
  await log.close()
  return { lines, tail: log.tail(), content: gunzipSync(readFileSync(log.file)).toString() }
}

describe('openLog', () => {
  test('keeps every byte and cuts lines wherever the chunks end', async () => {
    const { lines, content } = await write('on', 'e\ntw', 'o\r\n\nthr', 'ee')
    expect(content).toBe('one\ntwo\r\n\nthree')
    expect(lines).toEqual(['one', 'two', '', 'three'])
  })

  test('keeps the last twenty lines, without the marks of phases', async () => {
    const { tail } = await write(Array.from({ length: 50 }, (_, i) => `${i}\n@phase build\n`).join(''))
    expect(tail).toHaveLength(20)
    expect(tail.at(-1)).toBe('49')
    expect(tail.some(line => line.startsWith('@phase'))).toBe(false)
  })

  test('shows the beginning of a line that never ends', async () => {
    const { lines, content } = await write(...Array.from({ length: 100 }, () => 'x'.repeat(10_000)))
    expect(content).toHaveLength(1_000_000)
    expect(lines).toHaveLength(1)
    expect(lines[0]!.length).toBeLessThanOrEqual(4096)
  })
})

test('phaseOf reads only whole marks', () => {
  expect(phaseOf('@phase patch-shebangs')).toBe('patch-shebangs')
  expect(phaseOf('x @phase build')).toBeUndefined()
  expect(phaseOf('@phase Build')).toBeUndefined()
})
