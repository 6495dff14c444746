import type { Ran } from './command.js'

type Run = (...args: string[]) => Promise<Ran>

/**
 * Builds the recipe and makes its derivation a root: with `--keep-outputs` a collection then leaves all that it was
 * built with, so that nothing has to be built from the seed again.
 */
export async function keepToolchain(run: Run, recipe: string): Promise<void> {
  for (const args of [
    ['build', recipe],
    ['build', '--derivation', recipe],
  ]) {
    const { status, stdout, stderr } = await run(...args)
    if (status !== 0) throw new Error(stderr)
    if (args.length === 3) await run('root', 'add', 'toolchain', stdout.trim())
  }
}
