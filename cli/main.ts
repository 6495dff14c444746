// What `start.ts` loads.
export { main } from './run.js'

/** The completion script of each shell, for which every command is loaded. */
export async function completions(): Promise<Readonly<Record<string, string>>> {
  const { describeCommands } = await import('./completion/commands.js')
  const { scripts } = await import('./completion/scripts.js')
  const commands = await describeCommands()
  return Object.fromEntries(Object.entries(scripts).map(([shell, write]) => [shell, write(commands)]))
}
