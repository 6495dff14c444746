import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../../store/index.js'
import { defineCommand } from '../command.js'
import { Usage } from '../errors.js'

const shells: readonly string[] = ['bash', 'zsh', 'fish']

export const command = defineCommand({
  usage: 'completion bash|zsh|fish',
  describe: 'Print a script that makes the shell complete commands, options and packages',
  examples: [
    ['source <(store completion bash)', 'in ~/.bashrc'],
    ['store completion fish > ~/.config/fish/completions/store.fish', 'for fish'],
  ],
  words: [1, 1],
  async run({ dist }, args) {
    const shell = args.words[0]!
    if (!shells.includes(shell))
      throw new Usage(`There is no completion for "${shell}"`, { hint: `Known are ${shells.join(', ')}` })
    return { script: (await readBuilt(join(dist, 'completion', shell))) ?? (await write(shell)) }
  },
  print: ({ script }) => [script],
})

/** The script as the build wrote it: shells ask for it whenever they start. */
const readBuilt = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').then(
    text => text.trimEnd(),
    error => {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    },
  )

async function write(shell: string): Promise<string> {
  const { describeCommands } = await import('../completion/commands.js')
  const { scripts } = await import('../completion/scripts.js')
  return scripts[shell]!(await describeCommands())
}
