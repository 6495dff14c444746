import { closeSync, fsyncSync, futimesSync, openSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A file of the state that is touched before any object ceases to be valid: what was valid once still is as long as
 * this shows no change. It is the file of the format, which is there from the first, so that a full disk can be
 * collected; its content stays.
 */
export const deletionsFile = (state: string): string => join(state, 'version')

export function markDeletion(state: string): void {
  const file = openSync(deletionsFile(state), 'r+')
  try {
    const now = new Date()
    futimesSync(file, now, now)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
