import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { downloadsFolder } from '../../builder/index.js'
import { digestOf, formatDigest } from '../../store/index.js'

/** A web server whose files take about a second each, so that a fetch can be killed in the middle. */
export interface SlowFiles extends AsyncDisposable {
  readonly base: string
  /** Breaks all connections and takes no others, until it is restored. */
  cut(): void
  restore(): Promise<void>
  /** Writes a recipe file into `root` that fetches a file of this name and copies it. */
  writeRecipe(root: string, name: string): Promise<string>
  contentOf(name: string): Buffer
}

const PIECES = 20
const PIECE = 10_000

/** What the server sends for a file. */
export type Answer = (content: Buffer, request: IncomingMessage, response: ServerResponse) => unknown

/** `choose` says how a request is answered. */
export async function serveSlowly(choose: () => Answer = () => slowly): Promise<SlowFiles> {
  const files = new Map<string, Buffer>()
  const contentOf = (name: string): Buffer => {
    const content = files.get(name) ?? randomBytes(PIECES * PIECE)
    files.set(name, content)
    return content
  }
  const server = createServer((request, response) => {
    response.on('error', () => undefined)
    choose()(contentOf(request.url!.slice(1)), request, response)
  })
  const listen = (port: number): Promise<void> =>
    new Promise(resolve => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const base = `http://127.0.0.1:${port}`
  const cut = (): void => {
    server.close()
    server.closeAllConnections()
  }
  const digest = (name: string) => digestOf('sha256', contentOf(name))
  return {
    base,
    cut,
    restore: () => listen(port),
    contentOf,
    writeRecipe: async (root, name) => {
      const file = join(root, `${name}.ts`)
      await writeFile(file, recipe(name, `${base}/${name}`, formatDigest(digest(name))))
      return file
    },
    [Symbol.asyncDispose]: async () => {
      cut()
      const downloads = downloadsFolder(process.env, homedir(), process.getuid!() === 0)
      for (const name of files.keys())
        for (const prefix of ['', '.part-', '.fetching-'])
          await rm(join(downloads, `${prefix}sha256-${digest(name).hex}`), { force: true })
    },
  }
}

/** All of it, or the rest that is asked for. */
export const slowly: Answer = async (content, { headers }, response) => {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
  const length = content.length - from
  if (from === 0) response.writeHead(200, { 'content-length': length })
  else
    response.writeHead(206, {
      'content-length': length,
      'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
    })
  for (let at = from; at < content.length && !response.destroyed; at += PIECE) {
    response.write(content.subarray(at, at + PIECE))
    await delay(50)
  }
  response.end()
}

const recipe = (name: string, url: string, hash: string): string => `
import { fetchUrl, recipe, sh, trivial } from 'store/recipe'
import { toolchain } from 'store/channel/toolchain'
const { bash, coreutils } = toolchain
export const it = recipe({
  name: '${name}', version: '1', inputs: { bash, coreutils },
  source: fetchUrl({ url: '${url}', hash: '${hash}' }),
  phases: trivial(sh\`cp "$source" "$out"\`),
})
`
