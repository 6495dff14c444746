/** Variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>

/** Objects of one package, and the variables by which their folders are found. */
export interface PackageFolders {
  readonly paths: readonly string[]
  readonly searchPaths: Readonly<Record<string, readonly string[]>>
}

/** What even a pure environment keeps: who works, and where. */
const kept = ['HOME', 'USER', 'LOGNAME', 'TERM', 'COLORTERM', 'DISPLAY', 'TZ', 'LANG', 'SHELL']

export const pureEnvironment = (env: Variables): Variables =>
  Object.fromEntries(kept.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])))

/** Puts the packages' folders before those that the variables list already. */
export function withPackages(env: Variables, packages: readonly PackageFolders[]): Variables {
  const lists = new Map<string, string[]>()
  for (const { paths, searchPaths } of packages) {
    for (const [variable, folders] of Object.entries(searchPaths)) {
      const list = lists.get(variable) ?? []
      lists.set(variable, list)
      for (const path of paths) list.push(...folders.map(folder => `${path}/${folder}`))
    }
  }
  const joined = [...lists].map(([variable, list]) => {
    const before = env[variable] ? [env[variable]] : []
    return [variable, [...list, ...before].join(':')] as const
  })
  return { ...env, ...Object.fromEntries(joined) }
}
