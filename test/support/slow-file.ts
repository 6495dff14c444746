import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { downloadsFolder } from '../../builder/index.js'
import { digestOf, formatDigest } from '../../store/index.js'

/** A web server whose files take about a second each, so that a fetch can be killed in the middle. */
export interface SlowFiles extends AsyncDisposable {
  /** Writes a recipe file into `root` that fetches a file of this name and copies it. */
  writeRecipe(root: string, name: string): Promise<string>
  contentOf(name: string): Buffer
}

const PIECES = 20
const PIECE = 10_000

export async function serveSlowly(): Promise<SlowFiles> {
  const files = new Map<string, Buffer>()
  const contentOf = (name: string): Buffer => {
    const content = files.get(name) ?? randomBytes(PIECES * PIECE)
    files.set(name, content)
    return content
  }
  const server = createServer(async ({ url = '' }, response) => {
    const content = contentOf(url.slice(1))
    response.on('error', () => undefined).writeHead(200, { 'content-length': content.length })
    for (let at = 0; at < content.length && !response.destroyed; at += PIECE) {
      response.write(content.subarray(at, at + PIECE))
      await delay(50)
    }
    response.end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const digest = (name: string) => digestOf('sha256', contentOf(name))
  return {
    contentOf,
    writeRecipe: async (root, name) => {
      const file = join(root, `${name}.ts`)
      await writeFile(file, recipe(name, `${base}/${name}`, formatDigest(digest(name))))
      return file
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      const downloads = downloadsFolder(process.env, homedir(), process.getuid!() === 0)
      for (const name of files.keys())
        for (const prefix of ['', '.part-', '.fetching-'])
          await rm(join(downloads, `${prefix}sha256-${digest(name).hex}`), { force: true })
    },
  }
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
