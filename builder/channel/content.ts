import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CanonicalWriter, compareBytes, digestOf, formatDigest, reading } from '../../store/index.js'
import { readLayout } from './layout.js'

/** Changes with every change of what the hash is of. */
const FORMAT = 'channel-content-1'

interface ContentFile {
  readonly path: string
  readonly kind: 'file' | 'executable' | 'symlink'
  readonly digest: string
}

/**
 * The hash of what the recipes of a folder are made of: they themselves, the library they carry, and what the channel
 * says of itself. Equal files have equal hashes, wherever they lie and whatever lies beside them.
 */
export async function contentOf(name: string, folder: string): Promise<string> {
  const { contains } = await readLayout(name, folder)
  const writer = new CanonicalWriter(FORMAT)
  const files = await reading(folder, async () => [...walk(folder, '', contains)])
  writer.list(
    files.sort((a, b) => compareBytes(a.path, b.path)),
    ({ path, kind, digest }) => {
      for (const text of [path, kind, digest]) writer.string(text)
    },
  )
  return formatDigest(digestOf('blake3', writer.finish()))
}

function* walk(folder: string, path: string, contains: (path: string) => boolean): Generator<ContentFile> {
  for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
    const inner = path === '' ? entry.name : `${path}/${entry.name}`
    const place = join(folder, inner)
    if (!contains(entry.isDirectory() ? `${inner}/` : inner)) continue
    if (entry.isDirectory()) yield* walk(folder, inner, contains)
    else if (entry.isSymbolicLink())
      yield { path: inner, kind: 'symlink', digest: hash(Buffer.from(readlinkSync(place))) }
    else if (entry.isFile())
      yield {
        path: inner,
        kind: statSync(place).mode & 0o100 ? 'executable' : 'file',
        digest: hash(readFileSync(place)),
      }
  }
}

const hash = (bytes: Uint8Array): string => formatDigest(digestOf('blake3', bytes))
