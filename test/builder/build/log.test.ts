import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { findLog, openLog, phaseOf, readLog } from '../../../builder/build/log.js'
import { somePath } from '../../support/derivation.js'
import { temporaryDirectory } from '../../support/store.js'

async function write(...chunks: string[]) {
  await using directory = await temporaryDirectory()
  const lines: string[] = []
  const log = await openLog(directory.path, somePath('a.drv'), line => lines.push(line))
  for (const chunk of chunks) await log.write(Buffer.from(chunk))
  await log.close()
  return { lines, ...log.excerpt(), content: gunzipSync(readFileSync(log.file)).toString() }
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

test('a failure shows the first errors of the last phase, where they lie before the last lines', async () => {
  const noise = Array.from({ length: 30 }, (_, i) => `noise ${i}\n`).join('')
  const errors = Array.from({ length: 7 }, (_, i) => `a.c:${i}: error: no\n`).join('')
  const { found, tail } = await write(`FAIL: earlier\n@phase build\n${errors}${noise}make: *** Error 1\n`)
  expect(found.map(({ number, text }) => `${number} ${text}`)).toEqual([
    '3 a.c:0: error: no',
    '4 a.c:1: error: no',
    '5 a.c:2: error: no',
    '6 a.c:3: error: no',
    '7 a.c:4: error: no',
  ])
  expect(tail.at(-1)).toBe('make: *** Error 1')
  expect((await write('@phase build\na.c:1: error: no\n')).found).toEqual([])
})

test('a log can be read while it grows, and afterwards', async () => {
  await using directory = await temporaryDirectory()
  const path = somePath('a.drv')
  expect(await findLog(directory.path, path)).toBeUndefined()
  const log = await openLog(directory.path, path, () => {})
  await writeFile(`${log.file}.${2 ** 22 + 1}`, 'of a process that is gone')
  await log.write(Buffer.from('so far\n'))
  const read = async () => text(readLog((await findLog(directory.path, path))!))
  while ((await read()) !== 'so far\n') await delay(20)
  await log.write(Buffer.from('the rest\n'))
  await log.close()
  expect(await findLog(directory.path, path)).toBe(log.file)
  expect(await read()).toBe('so far\nthe rest\n')
})

test('phaseOf reads only whole marks', () => {
  expect(phaseOf('@phase patch-shebangs')).toBe('patch-shebangs')
  expect(phaseOf('x @phase build')).toBeUndefined()
  expect(phaseOf('@phase Build')).toBeUndefined()
})
