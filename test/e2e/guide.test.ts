import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { storeProgram, temporaryRoot } from '../support/command.js'

interface Step {
  readonly isSecond: boolean
  readonly script: string
}

/** The code blocks of the guide, in order. Those of the second user say so. */
async function readSteps(): Promise<readonly Step[]> {
  const text = await readFile(join(import.meta.dirname, '../../GUIDE.md'), 'utf8')
  return [...text.matchAll(/^```sh( second)?\n([\s\S]*?)^```$/gm)].map(([, second, script = '']) => ({
    isSecond: second !== undefined,
    script,
  }))
}

/** A user with a store of their own, whose shell stays in the folder where the last step left it. */
async function makeUser(root: string, name: string) {
  const home = join(root, name)
  await mkdir(join(home, 'bin'), { recursive: true })
  await writeFile(join(home, 'bin/store'), `#!/bin/sh\nexec '${process.execPath}' '${storeProgram}' "$@"\n`, {
    mode: 0o755,
  })
  const env = {
    PATH: `${join(home, 'bin')}:${process.env.PATH}`,
    HOME: home,
    STORE_ROOT: root,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'init.defaultBranch',
    GIT_CONFIG_VALUE_0: 'main',
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: `${name}@example.org`,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: `${name}@example.org`,
  }
  let cwd = home
  return (script: string): string => {
    const place = join(home, '.cwd')
    const ran = spawnSync('bash', ['-euo', 'pipefail', '-c', `${script}\npwd > '${place}'`], {
      cwd,
      env,
      encoding: 'utf8',
    })
    expect(ran.status, `${script}\n${ran.stdout}${ran.stderr}`).toBe(0)
    cwd = execFileSync('cat', [place], { encoding: 'utf8' }).trim()
    return ran.stdout
  }
}

test('the guide can be followed from the first step to the last', async () => {
  await using first = await temporaryRoot(inject('seeded'))
  await using second = await temporaryRoot(inject('seeded'))
  const server = join(first.path, 'srv')
  const users = { first: await makeUser(first.path, 'first'), second: await makeUser(second.path, 'second') }
  const printed: string[] = []
  for (const { isSecond, script } of await readSteps())
    printed.push(users[isSecond ? 'second' : 'first'](script.replaceAll('/srv', server)))
  const [, written, own, listed, , theirs, now, pulled, then] = printed
  const path = /\/store\/\w{32}-greet-1\.0/.exec(own!)![0]
  expect(written).toContain("export const greet = recipe({\n  name: 'greet',\n  version: '1.0',")
  expect(own).toBe(`${path}\nGood morning\n`)
  expect(listed).toMatch(new RegExp(`^${path}\n[\\s\\S]*^greet@1\\.0 +mine +Wishes a good morning$`, 'm'))
  expect(theirs).toMatch(new RegExp(`^${path}\n[\\s\\S]*^rebuild: store time-machine --commit=`, 'm'))
  expect(now).toBe('Good evening\n')
  expect(pulled).toMatch(/^theirs .*\nGood evening\n$/)
  expect(then).toBe('Good morning\nGood evening\n')
})
