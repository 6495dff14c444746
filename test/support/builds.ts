import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type ClonedStore, recipeFile } from './cloned.js'
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

/** What one race did. */
export interface BuildRace {
  readonly builds: number
  readonly collections: number
  readonly deleted: number
}

const RECIPES = 4

const recipe = recipeFile(`
  export const base = make('base', sh\`echo base > "$out"\`)
  const chain = n => {
    const lib = make('lib-' + n, sh\`echo lib \${String(n)} > "$out"\`)
    return make('app-' + n, sh\`mkdir "$out"; echo \${lib} > "$out"/lib; cat \${lib} > "$out"/text\`)
  }
  ${Array.from({ length: RECIPES }, (_, n) => `export const app${n} = chain(${n})`).join('\n')}`)

/**
 * Two processes build again and again, each for as long as a link keeps it, beside two that collect: for so many
 * seconds, and until something was built and deleted. No build may fail, and each result must be there, whole, with
 * what it refers to, for as long as its link is.
 */
export async function raceBuilds(store: ClonedStore, seconds: number): Promise<BuildRace> {
  const file = await store.write('race.ts', recipe)
  const run: Run = (...args) => store.run(args)
  await keepToolchain(run, `${file}:base`)
  const end = Date.now() + seconds * 1000
  const count = { builds: 0, collections: 0, deleted: 0 }
  let hasFailed = false
  const isOver = () => hasFailed || (Date.now() > end && count.builds > 0 && count.deleted > 0)
  const repeat = async (work: (turn: number) => Promise<void>): Promise<void> => {
    try {
      for (let turn = 0; !isOver(); turn++) await work(turn)
    } catch (error) {
      hasFailed = true
      throw error
    }
  }
  const build = async (builder: number, turn: number): Promise<void> => {
    const n = (turn * (builder + 1)) % RECIPES
    const link = join(store.folder, `result-${builder}`)
    const { status, stderr } = await run('build', `${file}:app-${n}`, '-o', link)
    expect(status, stderr).toBe(0)
    expect(readFileSync(join(link, 'text'), 'utf8')).toBe(`lib ${n}\n`)
    const lib = readFileSync(join(link, 'lib'), 'utf8').trim()
    expect(readFileSync(join(store.path, lib), 'utf8')).toBe(`lib ${n}\n`)
    rmSync(link)
    count.builds++
  }
  const collect = async (): Promise<void> => {
    const { status, stdout, stderr } = await run('gc', '--keep-outputs', '--json')
    expect(status, stderr).toBe(0)
    count.collections++
    count.deleted += JSON.parse(stdout).objects
  }
  const all = [0, 1].flatMap(i => [repeat(turn => build(i, turn)), repeat(collect)])
  for (const done of await Promise.allSettled(all)) if (done.status === 'rejected') throw done.reason
  await collect()
  expect(await run('verify', '--contents', '--quiet')).toMatchObject({ status: 0, stdout: '' })
  return count
}
