import type { EmittedPackage } from '../builder/index.js'

/** Packages as lists show them. */
export interface PackageList {
  readonly packages: readonly { readonly name: string; readonly version: string; readonly synopsis: string }[]
}

export const listOf = (packages: readonly EmittedPackage[]): PackageList => ({
  packages: packages.map(({ name, version, meta }) => ({ name, version, synopsis: meta.synopsis ?? '' })),
})

/** One line a package: name, version and synopsis, in columns. */
export function printList({ packages }: PackageList): readonly string[] {
  const width = Math.max(0, ...packages.map(({ name, version }) => name.length + version.length + 1))
  return packages.map(({ name, version, synopsis }) =>
    `${`${name}@${version}`.padEnd(width)}  ${synopsis}`.trimEnd(),
  )
}
