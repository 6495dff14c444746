import type { BuildSystem } from './build-system.js'

/** What a first recipe says. */
export interface FirstRecipe {
  readonly name: string
  readonly version: string
  readonly url: string
  readonly hash: string
  readonly buildSystem: BuildSystem
  readonly license: string | undefined
  readonly synopsis: string | undefined
  readonly homepage: string | undefined
  /** The folder has a `toolchain.ts` of its own, as the shipped channel does. */
  readonly hasToolchain: boolean
}

/** The name of a package as an export: `pkg-config` is exported as `pkgConfig`. */
export const exportNameOf = (name: string): string =>
  name
    .replace(/[^0-9A-Za-z]+(.)?/g, (_, next: string | undefined) => (next ?? '').toUpperCase())
    .replace(/^\d/, '_$&')

const archive = /\.(tar(\.\w+)?|tgz|tbz2?|txz|zip|gem)$/i

/** The version in the name of a source's file, or `undefined`: `hello_2.10.orig.tar.gz`, `v1.2.tgz`. */
export function versionOf(url: string): string | undefined {
  const base = fileOf(url)
    .replace(archive, '')
    .replace(/\.orig$/, '')
  const version = /(?:^|[-_])v?(\d[0-9A-Za-z.+~]*(?:-(?:rc|beta|alpha|p)\d*)?)$/i.exec(base)?.[1]
  return version?.replace(/[.+~](dfsg|ds)\d*$/, '').replaceAll('~', '-')
}

/** The last part of a URL, as a recipe's source is called after it. */
export const fileOf = (url: string): string =>
  decodeURIComponent(
    url
      .replace(/[?#].*$/, '')
      .split('/')
      .at(-1) ?? '',
  )

/** The text of a recipe file, formatted as the shipped ones are. */
export function writeRecipe(first: FirstRecipe): string {
  const { name, version, url, hash, buildSystem, hasToolchain } = first
  const isArchive = !buildSystem.uses.includes('copy')
  const fetch = isArchive ? 'fetchTarball' : 'fetchUrl'
  const from = (module: string): string => (hasToolchain ? `./${module}.js` : `store/channel/${module}`)
  const channel = [...buildSystem.inputs, 'toolchain'].map(
    module => `import { ${module} } from '${from(module)}'`,
  )
  const library = `import { ${[fetch, 'recipe', ...buildSystem.uses].sort().join(', ')} } from 'store/recipe'`
  // Sorted by module, as formatters want it.
  const imports = hasToolchain ? [library, ...channel] : [...channel, library]
  const meta = (['synopsis', 'homepage', 'license'] as const).flatMap(field =>
    first[field] === undefined ? [] : [`    ${field}: ${quote(first[field])},`],
  )
  return [
    ...imports,
    '',
    `export const ${exportNameOf(name)} = recipe({`,
    `  name: ${quote(name)},`,
    `  version: ${quote(version)},`,
    `  source: ${fetch}({`,
    `    url: ${quote(url)},`,
    `    hash: ${quote(hash)},`,
    ...(isArchive && !archive.test(fileOf(url)) ? [`    name: ${quote(`${name}-${version}.tar`)},`] : []),
    '  }),',
    `  inputs: { ${['...toolchain', ...buildSystem.inputs].join(', ')} },`,
    `  phases: ${buildSystem.phases},`,
    ...(meta.length > 0 ? ['  meta: {', ...meta, '  },'] : []),
    '})',
    '',
  ].join('\n')
}

const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', ' ')}'`
