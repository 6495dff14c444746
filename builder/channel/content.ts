import { CanonicalWriter, compareBytes, digestOf, formatDigest, reading } from '../../store/index.js'
import { readLayout } from './layout.js'
import { readFound, walk } from './walk.js'

/** Changes with every change of what the hash is of. */
const FORMAT = 'channel-content-2'

/** It saw neither hidden files nor empty folders: of a folder that has none it says the same. */
const FIRST_FORMAT = 'channel-content-1'

interface ContentFile {
  readonly path: string
  readonly kind: string
  readonly digest: string
}

/**
 * The hash of what the recipes of a folder are made of: they themselves, the library they carry, and what the channel
 * says of itself. Equal files have equal hashes, wherever they lie and whatever lies beside them.
 */
export const contentOf = async (name: string, folder: string): Promise<string> =>
  encode(FORMAT, await readContent(name, folder))

/** The hash of what a folder has now, if that is not what a hash of any format is of. */
export async function findOtherContent(
  name: string,
  folder: string,
  content: string,
): Promise<string | undefined> {
  const files = await readContent(name, folder)
  const isSame = [FORMAT, FIRST_FORMAT].some(format => encode(format, files) === content)
  return isSame ? undefined : encode(FORMAT, files)
}

async function readContent(name: string, folder: string): Promise<readonly ContentFile[]> {
  const { contains } = await readLayout(name, folder)
  const files = await reading(folder, async () =>
    [...walk(folder, '', contains)].map(file => ({ ...file, digest: hash(readFound(folder, file)) })),
  )
  return files.sort((a, b) => compareBytes(a.path, b.path))
}

function encode(format: string, files: readonly ContentFile[]): string {
  const writer = new CanonicalWriter(format)
  writer.list(files, ({ path, kind, digest }) => {
    for (const text of [path, kind, digest]) writer.string(text)
  })
  return hash(writer.finish())
}

const hash = (bytes: Uint8Array): string => formatDigest(digestOf('blake3', bytes))
