import { lstat } from 'node:fs/promises'
import { inspectArchive } from './archive.js'

/** Where a build's epoch comes from. */
export type EpochRule = { readonly kind: 'sources' } | { readonly kind: 'fixed'; readonly seconds: number }

/** 1980-01-01T00:00:00Z, the first time that a zip archive can store; also the epoch of sources without a time. */
export const firstEpoch = 315_532_800

/** 2037-12-31T23:59:59Z: the clock of a build, which starts here at the latest, stays within 32 bits for 18 days. */
export const lastEpoch = 2_145_916_799

/**
 * The epoch of a build, in Unix seconds from `firstEpoch` to `lastEpoch`: as declared, or the newest time that
 * the archives among `sources` give in their own headers. A file's or directory's metadata never counts.
 */
export async function computeEpoch<Source extends string>(
  rule: EpochRule,
  sources: readonly Source[],
  timeOf: (source: Source) => Promise<number | undefined> = newestTimeOf,
): Promise<number> {
  const seconds = rule.kind === 'fixed' ? rule.seconds : await newestTime(sources, timeOf)
  return Math.min(Math.max(Math.floor(seconds), firstEpoch), lastEpoch)
}

async function newestTime<Source>(
  sources: readonly Source[],
  timeOf: (source: Source) => Promise<number | undefined>,
): Promise<number> {
  let newest = firstEpoch
  for (const source of sources) newest = Math.max(newest, (await timeOf(source)) ?? firstEpoch)
  return newest
}

/** The newest time in the headers of an archive; `undefined` for a directory and any other file. */
export const newestTimeOf = async (source: string): Promise<number | undefined> =>
  (await lstat(source)).isFile() ? (await inspectArchive(source)).newest : undefined
