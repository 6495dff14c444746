import { access } from 'node:fs/promises'
import { keeperProgram } from './store.js'

/** Runs once before all tests. */
export async function setup(): Promise<void> {
  await access(keeperProgram).catch(() => {
    throw new Error(`${keeperProgram} is missing: run "node setup.mjs" first`)
  })
}
