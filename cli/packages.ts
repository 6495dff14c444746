import type { EmittedPackage } from '../builder/index.js'

/** Packages as lists show them. */
export interface PackageList {
  readonly packages: readonly {
    readonly name: string
    readonly version: string
    readonly synopsis: string
    readonly channel: string
  }[]
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
