import { compareBytes, type Digest, StoreError } from '../../store/index.js'
import publicMirrors from './mirrors.json' with { type: 'json' }

/** For each name of a `mirror://` URL, the addresses it stands for, in the order in which they are tried. */
export type MirrorTable = Readonly<Record<string, readonly string[]>>

/** What a user may configure; names of their own are allowed. */
export interface UserMirrors {
  readonly mirrors: MirrorTable
  /** For each algorithm, addresses of files by `{hex}`, whatever they are called. */
  readonly byHash: MirrorTable
}

export const noMirrors: UserMirrors = { mirrors: {}, byHash: {} }

/** The shape of the data file. */
export interface PublicMirrors extends UserMirrors {
  /** Where files lie that the mirrors no longer have. */
  readonly archives: MirrorTable
}

export interface MirrorSources {
  readonly user?: UserMirrors
  /** What the host is configured to use: see `readHostMirrors`. */
  readonly host?: MirrorTable
  readonly shipped?: PublicMirrors
}

/** What a fetch needs to know about mirrors. */
export interface Mirrors {
  /** The places a URL stands for; a URL that is no `mirror://` URL stands for itself. */
  resolve(url: string): readonly string[]
  lastResort(digest: Digest): readonly string[]
}

export class UnknownMirror extends StoreError {
  readonly code = 'UNKNOWN_MIRROR'

  constructor(url: string, name: string, known: readonly string[]) {
    super(`Cannot resolve "${url}": there is no mirror list "${name}"`, {
      hint: `Known are ${known.join(', ')}; README.md says how to add others`,
    })
  }
}

export class BadMirrorUrl extends StoreError {
  readonly code = 'BAD_MIRROR_URL'

  constructor(url: string) {
    super(`Cannot resolve "${url}": it is not a mirror URL`, { hint: 'Write mirror://NAME/path/of/the/file' })
  }
}

/** The user's mirrors come first, then the host's own, the public ones, and last the archives of past files. */
export function makeMirrors(sources: MirrorSources = {}): Mirrors {
  const { user = noMirrors, host = {}, shipped = publicMirrors } = sources
  const tables: readonly MirrorTable[] = [user.mirrors, host, shipped.mirrors, shipped.archives]
  return {
    resolve(url) {
      if (!/^mirror:/i.test(url)) return [url]
      const { name, path } = parseMirrorUrl(url)
      const bases = tables.flatMap(table => (Object.hasOwn(table, name) ? table[name]! : []))
      if (bases.length === 0) throw new UnknownMirror(url, name, namesOf(tables))
      return [...new Set(bases.map(base => `${base.replace(/\/+$/, '')}/${path}`))]
    },
    lastResort: ({ algorithm, hex }) =>
      [user.byHash, shipped.byHash]
        .flatMap((table: MirrorTable) => table[algorithm] ?? [])
        .map(template => template.replaceAll('{hex}', hex)),
  }
}

function parseMirrorUrl(url: string): { name: string; path: string } {
  const match = /^mirror:\/\/([^/]+)\/+(.+)$/i.exec(url)
  if (!match) throw new BadMirrorUrl(url)
  return { name: match[1]!, path: match[2]! }
}

const namesOf = (tables: readonly MirrorTable[]): readonly string[] =>
  [...new Set(tables.flatMap(table => Object.keys(table)))].sort(compareBytes)
