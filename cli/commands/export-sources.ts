import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pack } from 'tar-stream'
import { openSource, realise, type SourceFile, sourcesOf, type Target } from '../../builder/index.js'
import { writing } from '../../store/index.js'
import type { Arguments } from '../command.js'
import type { Context } from '../context.js'
import { Usage } from '../errors.js'
import { lowerPackages } from '../objects.js'
import { readSettings } from '../settings.js'

/** The file that says what the others are. */
const INDEX = 'SOURCES'

/** Writes every source of the packages into a folder, or to stdout as a tar archive of the same files. */
export async function exportSources(context: Context, args: Arguments): Promise<readonly string[]> {
  const to = args.text('to')
  if (to === undefined && process.stdout.isTTY)
    throw new Usage('An archive is not for terminals', { hint: 'Redirect the output, or write --to FOLDER' })
  const { packages, sources } = await lowerPackages(context, args.words)
  const targets = packages.map(({ found, lowered }): Target => ({ lowered, outputs: found.outputs }))
  const wanted = sourcesOf(targets, sources.derivations)
  const fetches = wanted.map((lowered): Target => ({ lowered, outputs: ['out'] }))
  await realise(await context.builder(readSettings(args)), fetches, sources)
  const store = await context.store()
  async function* files(): AsyncGenerator<SourceFile> {
    for (const lowered of wanted) yield await openSource(store, lowered)
  }
  return to === undefined ? writeArchive(files(), context) : writeFolder(files(), resolve(context.cwd, to))
}

async function writeFolder(files: AsyncIterable<SourceFile>, folder: string): Promise<readonly string[]> {
  const lines: string[] = []
  const written: string[] = []
  await writing(folder, async () => {
    await mkdir(folder, { recursive: true })
    for await (const source of files) {
      lines.push(lineOf(source))
      written.push(await writeFile(folder, source.file, source.content))
    }
    written.push(await writeFile(folder, INDEX, [Buffer.from(lines.join(''))]))
  })
  return written
}

/** A file that is cut short never has its name. */
async function writeFile(
  folder: string,
  name: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string> {
  const fresh = join(folder, `.${name}.${process.pid}`)
  try {
    await pipeline(Readable.from(content, { objectMode: false }), createWriteStream(fresh))
    await rename(fresh, join(folder, name))
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
  return join(folder, name)
}

/** The same sources always give the same bytes. */
async function writeArchive(files: AsyncIterable<SourceFile>, { signal }: Context): Promise<readonly []> {
  const archive = pack()
  const written = pipeline(archive, process.stdout, { signal })
  const fill = async (): Promise<void> => {
    const lines: string[] = []
    const header = (name: string, size: number) => ({ name, size, mode: 0o644, mtime: new Date(0) })
    for await (const source of files) {
      lines.push(lineOf(source))
      const entry = archive.entry(header(source.file, source.size))
      await pipeline(Readable.from(source.content, { objectMode: false }), entry)
    }
    const index = Buffer.from(lines.join(''))
    archive.entry(header(INDEX, index.length), index)
    archive.finalize()
  }
  await Promise.all([written, fill()])
  return []
}

const lineOf = ({ file, name, urls }: SourceFile): string => `${[file, name, ...urls].join(' ')}\n`
