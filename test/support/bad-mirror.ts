import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { downloadsFolder, hashGit } from '../../builder/index.js'
import { parseDigest } from '../../store/index.js'
import { makeRepository } from './repository.js'
import { type Answer, type SlowFiles, serveSlowly, slowly } from './slow-file.js'

/** A mirror that is bad as long as it is told to be, and slow always. */
export interface BadMirror extends SlowFiles {
  isBad: boolean
  /** Writes a recipe file into `root` that fetches a commit which has a file of this name. */
  writeGitRecipe(root: string, name: string): Promise<string>
}

/** What it does to files, at random. */
const badly: readonly Answer[] = [
  // It stalls.
  (content, _request, response) =>
    response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 50_000)),
  // It breaks off.
  async (content, _request, response) => {
    response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 50_000))
    await delay(50)
    response.destroy()
  },
  // It announces more than it has, and less.
  (content, _request, response) =>
    response
      .writeHead(200, { 'content-length': content.length + 1 })
      .write(content, () => response.destroy()),
  (content, { socket }) =>
    socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n'), content])),
  // It redirects in circles.
  (_content, { url }, response) => response.writeHead(302, { location: url }).end(),
  // It serves another file, and the rest of another file.
  (content, request, response) => slowly(randomBytes(content.length), request, response),
  // It is busy, and it hangs up.
  (_content, _request, response) => response.writeHead(503).end(),
  (_content, { socket }) => socket.resetAndDestroy(),
  slowly,
]

const anyOf = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!

/** Repositories lie in `folder`. */
export async function serveBadly(folder: string): Promise<BadMirror> {
  const repository = makeRepository(await mkdtemp(join(folder, 'repository-')))
  const hashes: string[] = []
  let isBad = false
  /** As a server of plain files, which git asks for each object by itself. */
  const giveObject: Answer = async (_content, { url }, response) => {
    await delay(100)
    const trouble = isBad ? Math.random() : 1
    if (trouble < 0.1) return
    if (trouble < 0.2) return response.destroy()
    const path = new URL(url!.slice('/git'.length), 'http://any').pathname
    const content = await readFile(join(repository.folder, '.git', path)).catch(() => undefined)
    return response.writeHead(content ? 200 : 404).end(content)
  }
  const files = await serveSlowly((): Answer => {
    const answer = isBad ? anyOf(badly) : slowly
    return (content, request, response) =>
      request.url!.startsWith('/git/')
        ? giveObject(content, request, response)
        : answer(content, request, response)
  })
  return {
    ...files,
    get isBad() {
      return isBad
    },
    set isBad(is) {
      isBad = is
    },
    writeGitRecipe: async (root, name) => {
      const commit = repository.commit({ name, [name]: name })
      repository.git('update-server-info')
      const scratch = await mkdtemp(join(folder, 'hash-'))
      const request = { url: `file://${repository.folder}`, commit, submodules: false }
      const hash = await hashGit(request, { scratch })
      hashes.push(hash)
      const file = join(root, `${name}.ts`)
      await writeFile(file, recipe(name, `${files.base}/git`, commit, hash))
      return file
    },
    [Symbol.asyncDispose]: async () => {
      await files[Symbol.asyncDispose]()
      const downloads = downloadsFolder(process.env, homedir(), process.getuid!() === 0)
      for (const hash of hashes)
        for (const prefix of ['', '.fetching-'])
          await rm(join(downloads, `${prefix}sha256-${parseDigest(hash).hex}`), { force: true })
    },
  }
}

const recipe = (name: string, url: string, commit: string, hash: string): string => `
import { fetchGit, recipe, sh, trivial } from 'store/recipe'
import { toolchain } from 'store/channel/toolchain'
const { bash, coreutils } = toolchain
export const it = recipe({
  name: '${name}', version: '1', inputs: { bash, coreutils },
  source: fetchGit({ url: '${url}', commit: '${commit}', hash: '${hash}' }),
  phases: trivial(sh\`cp "$source/name" "$out"\`),
})
`
