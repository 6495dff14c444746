import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { whereReachable } from '../entries.js'
import { isRunning } from '../wake.js'

/** Beside the database: a file for each process that waits for it, so that its holder lets go. */
const folderOf = (directory: string): string => `${directory}.waiting`

let calls = 0

/** Says that this process waits, until the returned function is called. Where it cannot be said, waiting takes longer. */
export function announceWaiting(directory: string): () => void {
  const file = join(folderOf(directory), `${process.pid}.${calls++}`)
  whereReachable(() => {
    mkdirSync(folderOf(directory), { recursive: true })
    writeFileSync(file, '')
  })
  return () => void whereReachable(() => rmSync(file, { force: true }))
}

/** Whether somebody waits. What processes left that were killed is cleared away. */
export function isWanted(directory: string): boolean {
  const folder = folderOf(directory)
  const names = whereReachable(() => readdirSync(folder)) ?? []
  return names.some(name => {
    const waits = isRunning(Number.parseInt(name, 10))
    if (!waits) whereReachable(() => rmSync(join(folder, name), { force: true }))
    return waits
  })
}
