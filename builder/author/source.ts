import { openTar } from '../fetch/members.js'

/** What an unpacked source holds, as its build will see it: paths start in its one folder, if it has one. */
export interface SourceContent {
  /** Files of the source's top folder. */
  readonly files: ReadonlySet<string>
  /** The beginnings of those that tell how it is built and licensed, by name. */
  readonly texts: ReadonlyMap<string, string>
}

/** Files that are worth reading. */
const telling = /^((GNU)?makefile|configure(\.ac|\.in)?|(copying|licen[cs]e|unlicense)\b.*)$/i

/** Bytes of a file that are read of it. */
const ENOUGH = 64 * 1024

/** Looks into an archive without unpacking it; `undefined` when it is no tar archive. */
export async function readSource(path: string): Promise<SourceContent | undefined> {
  const members = await openTar(path)
  if (!members) return undefined
  const files: string[] = []
  const tops = new Set<string>()
  const texts = new Map<string, string>()
  for await (const { header, body } of members) {
    const parts = header.name.split('/').filter(part => part !== '' && part !== '.')
    const name = parts.join('/')
    const isFolder = header.type === 'directory'
    if (parts.length > 0) tops.add(parts.length > 1 || isFolder ? `${parts[0]}/` : name)
    if (isFolder || parts.length < 1 || parts.length > 2) continue
    files.push(name)
    if (header.type === 'file' && telling.test(parts.at(-1)!)) texts.set(name, await readBeginning(body))
  }
  const [top = ''] = tops
  const folder = tops.size === 1 && top.endsWith('/') ? top : ''
  const inFolder = (name: string): boolean =>
    name.startsWith(folder) && !name.slice(folder.length).includes('/')
  return {
    files: new Set(files.filter(inFolder).map(name => name.slice(folder.length))),
    texts: new Map(
      [...texts].filter(([name]) => inFolder(name)).map(([name, text]) => [name.slice(folder.length), text]),
    ),
  }
}

async function readBeginning(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8', 0, ENOUGH)
}
