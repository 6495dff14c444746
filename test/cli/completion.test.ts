import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { entries } from '../../cli/catalogue.js'
import { describeCommands } from '../../cli/completion/commands.js'
import { scripts } from '../../cli/completion/scripts.js'
import { temporaryDirectory } from '../support/store.js'

const isInstalled = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0

/** How each shell is asked, without a terminal, what may stand in place of the last of `words`. */
const ask: Readonly<Record<string, (script: string, words: readonly string[]) => readonly string[]>> = {
  bash: (script, words) => [
    '--norc',
    '-c',
    `source ${script}; store() { echo 'hello@2.10  Greets'; echo 'zlib@1.3'; }
COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _store; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  zsh: (script, words) => [
    '-f',
    '-c',
    `compdef() { }; _files() { print a-file; }; compadd() { shift; print -l -- "$@"; }
_describe() { print -l -- "\${(@P)2}"; }; source ${script}; store() { print 'hello@2.10  Greets'; print 'zlib@1.3'; }
words=(${words.map(word => `'${word.replaceAll('"', '')}'`).join(' ')}); CURRENT=${words.length}; _store`,
  ],
  fish: (script, words) => [
    '-N',
    '-c',
    `source ${script}; function store; echo 'hello@2.10  Greets'; echo 'zlib@1.3'; end
complete -C '${words.join(' ').replaceAll('"', '')}'`,
  ],
}

describe.each(['bash', 'zsh', 'fish'])('%s completes', shell => {
  const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
    await using directory = await temporaryDirectory()
    const script = join(directory.path, 'script')
    await writeFile(script, scripts[shell]!(await describeCommands()))
    const { stdout, stderr } = spawnSync(shell, [...ask[shell]!(script, words)], {
      encoding: 'utf8',
      cwd: directory.path,
      env: { PATH: process.env.PATH, HOME: directory.path },
    })
    expect(stderr).toBe('')
    return stdout.split('\n').map(line => line.replace(/[:\t].*/, ''))
  }

  test('every command', async ({ skip }) => {
    if (!isInstalled(shell)) skip(`needs ${shell}`)
    expect(await complete('store', '""')).toEqual(expect.arrayContaining(entries.map(({ name }) => name)))
  })

  test('options, packages, tasks and files', async ({ skip }) => {
    if (!isInstalled(shell)) skip(`needs ${shell}`)
    const options = await complete('store', 'build', '--')
    expect(options).toEqual(expect.arrayContaining(['--keep-failed', '--with-patch', '--json']))
    expect(options).not.toContain('--list-roots')
    for (const command of ['build', 'shell', 'dump', 'edit'])
      expect(await complete('store', command, '""'), command).toEqual(
        expect.arrayContaining(['hello', 'zlib']),
      )
    expect(await complete('store', 'gc', '--delete', '""')).toContain('hello')
    expect(await complete('store', 'channel', '""')).toEqual(
      expect.arrayContaining(['list', 'add', 'remove', 'pull']),
    )
    expect(await complete('store', 'completion', '""')).toEqual(
      expect.arrayContaining(['bash', 'zsh', 'fish']),
    )
    expect(await complete('store', 'list', '""')).not.toContain('hello')
  })
})
