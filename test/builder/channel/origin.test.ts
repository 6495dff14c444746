import { expect, test } from 'vitest'
import { readUrl } from '../../../builder/channel/config.js'
import { describeRebuild } from '../../../builder/channel/origin.js'

test.each([
  ['https://token@example.org/r.git', 'https://example.org/r.git'],
  ['https://me:secret@example.org/r.git', 'https://example.org/r.git'],
  ['ssh://git:secret@example.org/r.git', 'ssh://git@example.org/r.git'],
  ['ssh://git@example.org/r.git', 'ssh://git@example.org/r.git'],
  ['git@example.org:r.git', 'git@example.org:r.git'],
])('of a channel at %s, what is built is rebuilt from %s', (url, shown) => {
  const origin = { package: 'it@1', channel: 'theirs', url, commit: '0'.repeat(40) }
  expect(describeRebuild(origin)).toEqual({
    command: `store time-machine --commit=${origin.commit} --channel=${shown} -- build it@1`,
  })
  expect(() => readUrl(shown)).not.toThrow()
})
