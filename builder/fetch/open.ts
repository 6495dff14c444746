import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { readChunks } from './chunks.js'
import { type Body, openHttp } from './http.js'
import { asUrlProblem, UrlProblem } from './problem.js'
import type { Connection } from './request.js'

/**
 * Opens an http, https or file URL, from the byte `from` on where that can be had. Reading gives exactly the bytes
 * that were announced, or throws `UrlProblem`.
 */
export async function openUrl(text: string, connection: Connection, from = 0): Promise<Body> {
  const body = await open(text, connection, from)
  return { ...body, chunks: exactly(body.length, body.chunks) }
}

async function open(text: string, connection: Connection, from: number): Promise<Body> {
  if (!URL.canParse(text)) throw new UrlProblem('it is not a URL', { final: true })
  const url = new URL(text)
  if (url.protocol === 'http:' || url.protocol === 'https:') return openHttp(url, connection, from)
  if (url.protocol === 'file:') return openFile(url)
  throw new UrlProblem(`"${url.protocol}" is not supported; http, https, file and mirror are`, {
    final: true,
  })
}

async function openFile(url: URL): Promise<Body> {
  try {
    const path = fileURLToPath(url)
    const info = await stat(path)
    if (!info.isFile()) throw new UrlProblem('it is not a regular file', { final: true })
    return { from: 0, length: info.size, chunks: readOwn(path) }
  } catch (error) {
    throw asUrlProblem(error)
  }
}

async function* readOwn(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* readChunks(path)
  } catch (error) {
    throw asUrlProblem(error)
  }
}

/** Lets through neither more nor less than was announced. */
async function* exactly(
  length: number | undefined,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    if (length !== undefined && bytes > length)
      throw new UrlProblem(`it sent more than the ${length} bytes announced`)
    yield chunk
  }
  if (length !== undefined && bytes < length) throw new UrlProblem(`it sent ${bytes} of ${length} bytes`)
}
