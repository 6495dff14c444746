import type { GitSource } from './git.js'
import { checkFields, describe, RecipeProblem } from './problem.js'
import type { Text } from './text.js'

/** Something a build starts from: a fetched file or commit, an unpacked package, or a file of the channel. */
export type Source = FetchedSource | GitSource | UnpackedSource | LocalSource

/** A file from the network, accepted only when its bytes have the declared hash. */
export interface FetchedSource {
  readonly kind: 'source'
  readonly type: 'fetched'
  readonly name: string
  /** Tried in order; all serve the same bytes. */
  readonly urls: readonly string[]
  /** SRI, or `sha256:<hex>` as upstreams publish it. */
  readonly hash: string
  /** An archive: it is inspected before a build unpacks it. */
  readonly archive: boolean
}

/** The content of an archive, unpacked by the program itself. */
export interface UnpackedSource {
  readonly kind: 'source'
  readonly type: 'unpacked'
  readonly name: string
  /** A Debian package is what the first shell comes from; `archive` is tar or zip, in any compression. */
  readonly format: 'deb' | 'archive'
  readonly package: FetchedSource | LocalSource
}

/** A file or folder of the channel. */
export interface LocalSource {
  readonly kind: 'source'
  readonly type: 'local'
  readonly name: string
  /** Relative to the channel's folder. */
  readonly path: string
}

export interface FetchOptions {
  /** One URL or several that serve the same bytes; `mirror://gnu/...`, `mirror://debian/...` name lists of mirrors. */
  readonly url: string | readonly string[]
  readonly hash: string
  /** Of the store object; the last part of the first URL when left out. */
  readonly name?: string
}

/** Declares a file to fetch. */
export const fetchUrl = (options: FetchOptions): FetchedSource => fetched('fetchUrl', options, false)

/** Declares an archive to fetch. It is stored as it was fetched and unpacked in the sandbox. */
export const fetchTarball = (options: FetchOptions): FetchedSource => fetched('fetchTarball', options, true)

/** Declares the content of a `.deb`, for the bootstrap of the first shell. */
export function unpackDeb(source: FetchedSource): UnpackedSource {
  if (source?.type !== 'fetched')
    throw new RecipeProblem(`unpackDeb needs what fetchUrl gives, not ${describe(source)}`)
  return Object.freeze({
    kind: 'source',
    type: 'unpacked',
    format: 'deb',
    name: source.name.replace(/\.deb$/, ''),
    package: source,
  })
}

const compressed = /\.(zip|(tar\.|t)(gz|bz2|xz|zst)|tar|tbz)$/

/**
 * Declares the content of a tar or zip archive, for builds that have no program to unpack it: the folder that is its
 * only member, or all of it. `gnu()` and `copy()` do it by themselves for zip and zst.
 */
export function unpackArchive(source: FetchedSource | LocalSource): UnpackedSource {
  if (source?.type !== 'fetched' && source?.type !== 'local')
    throw new RecipeProblem(
      `unpackArchive needs what fetchTarball or localFile give, not ${describe(source)}`,
    )
  const name = source.name.replace(compressed, '')
  return Object.freeze({ kind: 'source', type: 'unpacked', format: 'archive', name, package: source })
}

/**
 * Declares a file or folder beside the recipe: `localFile('./fix.patch', import.meta.url)`.
 * The program replaces `import.meta.url` by the recipe's place in its channel.
 */
export function localFile(path: string, recipeFile: string, name?: string): LocalSource {
  if (typeof path !== 'string' || typeof recipeFile !== 'string') {
    throw new RecipeProblem(
      "localFile needs a path and the recipe's own place",
      "Write localFile('./fix.patch', import.meta.url)",
    )
  }
  const parts: string[] = []
  for (const part of `${recipeFile}/../${path}`.split('/')) {
    if (part === '..' && parts.length === 0)
      throw new RecipeProblem(`localFile("${path}") leaves the channel`)
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  const base = parts.at(-1) ?? ''
  return Object.freeze({ kind: 'source', type: 'local', name: name ?? base, path: parts.join('/') })
}

/** What a recipe may give as `source`. */
export type RecipeSource = Source | Text

function fetched(what: string, options: FetchOptions, archive: boolean): FetchedSource {
  checkFields(what, options, ['url', 'hash', 'name'])
  const urls = typeof options.url === 'string' ? [options.url] : options.url
  if (!Array.isArray(urls) || urls.length === 0 || !urls.every(isUrl)) {
    throw new RecipeProblem(
      `${what} needs a URL or a list of URLs`,
      'They start with https://, http://, file:// or mirror://',
    )
  }
  if (typeof options.hash !== 'string') {
    throw new RecipeProblem(
      `${what} needs a hash, not ${describe(options.hash)}`,
      `Print it with: store hash ${urls[0]}`,
    )
  }
  const name =
    options.name ??
    decodeURIComponent(
      urls[0]!
        .split('/')
        .at(-1)!
        .replace(/[?#].*$/, ''),
    )
  return Object.freeze({
    kind: 'source',
    type: 'fetched',
    name: nameOfUrl(name),
    urls: Object.freeze([...urls]),
    hash: options.hash,
    archive,
  })
}

/** What of a text can be the name of an object. */
export const nameOfUrl = (text: string): string =>
  text.replace(/[^0-9A-Za-z+._?=-]/g, '_').replace(/^[.-]/, '_')

const isUrl = (value: unknown): value is string =>
  typeof value === 'string' && /^(https?|file|mirror):\/\/./.test(value)
