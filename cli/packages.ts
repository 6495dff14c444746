import { type EmittedPackage, listAll } from '../builder/index.js'
import type { Context } from './context.js'

/** Packages as lists show them. */
export interface PackageList {
  readonly packages: readonly {
    readonly name: string
    readonly version: string
    readonly synopsis: string
    readonly channel: string
  }[]
}

/**
 * The packages of all channels. What is missing is told, and the status says that something is; where all is, it is an
 * error.
 */
export async function listPackages(
  context: Context,
): Promise<readonly (EmittedPackage & { readonly channel: string })[]> {
  const { packages, mistakes } = await listAll(await context.closedChannels())
  if (packages.length === 0 && mistakes[0]) throw mistakes[0]
  for (const { message } of mistakes) context.note(`left out: ${message}`)
  if (mistakes.length > 0) process.exitCode = 1
  return packages
}

export const listOf = (
  packages: readonly (EmittedPackage & { readonly channel: string })[],
): PackageList => ({
  packages: packages.map(({ name, version, meta, channel }) => ({
    name,
    version,
    synopsis: meta.synopsis ?? '',
    channel,
  })),
})

/** One line a package: name, version and synopsis, in columns; and its channel, where they are of several. */
export function printList({ packages }: PackageList): readonly string[] {
  const isOfSeveral = new Set(packages.map(({ channel }) => channel)).size > 1
  const rows = packages.map(({ name, version, synopsis, channel }) => [
    `${name}@${version}`,
    ...(isOfSeveral ? [channel] : []),
    synopsis,
  ])
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map(row => row[i]!.length))) ?? []
  return rows.map(row =>
    row
      .map((text, i) => text.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  )
}
