import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { buildAdder, run } from '../../support/processes.js'
import { temporaryDirectory } from '../../support/store.js'

test('a disk that is full to the last byte can be collected', async ({ skip }) => {
  await using temporary = await temporaryDirectory()
  const adder = await buildAdder()
  const script = 'mount -t tmpfs -o size=12m tmpfs "$0" || exit 42; "$@"'
  const within = ['unshare', '-rm', 'sh', '-c', script, temporary.path]
  const { line, ended } = run(adder, [temporary.path, 'fill'], { within })
  const lines: string[] = []
  for (let next = await line(); next !== undefined; next = await line()) lines.push(next)
  const { status, errors } = await ended
  await rm(adder)
  if (status === 42) skip('needs user namespaces')
  expect(errors).toBe('')
  expect(lines).toEqual(['ENOSPC', 'ENOSPC', '1'])
})
