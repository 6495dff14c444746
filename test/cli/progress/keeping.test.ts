import { expect, test } from 'vitest'
import { describeCollection, describeVerification } from '../../../cli/progress/keeping.js'

const marked = { found: 3000, live: 1000 }

test.each([
  [{ step: 'remove files without a record' }, 'remove files without a record'],
  [{ step: 'find what nothing keeps', marked }, '3,000 objects found, 1,000 live'],
  [
    { step: 'delete it', marked, swept: { objects: 500, bytes: 1 << 20, doomed: 4 << 20 } },
    '3,000 objects found, 1,000 live, 2,000 dead\n500 deleted, 1.0 MiB freed, 1,500 remaining, 3.0 MiB',
  ],
])('describeCollection(%j)', (progress, text) => {
  expect(describeCollection(progress)).toBe(text)
})

test.each([
  [{ step: 'read every record' }, 'read every record'],
  [{ step: 'hash every object', checked: 500, total: 3000 }, 'hash every object: 500 of 3,000'],
])('describeVerification(%j)', (progress, text) => {
  expect(describeVerification(progress)).toBe(text)
})
