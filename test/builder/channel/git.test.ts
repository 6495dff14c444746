import { expect, test } from 'vitest'
import { complaint } from '../../../builder/channel/git.js'

const advice = 'Please make sure you have the correct access rights\nand the repository exists.'

test.each([
  ["fatal: repository 'https://x/y/' not found", "repository 'https://x/y/' not found"],
  [
    `ssh: connect to host x port 22: Connection refused\r\nfatal: Could not read from remote repository.\n\n${advice}`,
    'Could not read from remote repository (ssh: connect to host x port 22: Connection refused)',
  ],
  [
    `remote: \nremote: ====\nremote: ERROR: There is no such project.\nremote: ====\nfatal: Could not read from remote repository.\n\n${advice}`,
    'Could not read from remote repository (ERROR: There is no such project)',
  ],
  [
    `fatal: '/x' does not appear to be a git repository\nfatal: Could not read from remote repository.\n\n${advice}`,
    "'/x' does not appear to be a git repository",
  ],
  ['warning: redirecting to https://z\nfatal: unable to access it', 'unable to access it'],
  ['error: 1\nerror: 2', '2'],
  ['', 'git says nothing'],
])('complaint() finds in %j why git gave up', (text, reason) => {
  expect(complaint(text)).toBe(reason)
})
