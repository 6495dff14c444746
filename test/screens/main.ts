/** Records the built command on a terminal and writes `images/`: `npm run screens`. */

import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runStore, storeProgram, temporaryRoot } from '../support/command.js'
import { openTerminal } from '../support/terminal.js'
import { captureFrame, type Frame, renderSvg } from './svg.js'

const images = 'images'
const size = { columns: 88, rows: 20 }

/** Seconds between two frames, as they were and as they are shown. */
const INTERVAL = 0.5

/** An archive that comes slowly, a piece after the other. */
const PIECE = 64 << 10
const archive = Buffer.alloc(3 << 20, 'words ')
const server = createServer((_, response) => {
  response.setHeader('content-length', archive.length)
  let sent = 0
  const send = setInterval(() => {
    response.write(archive.subarray(sent, sent + PIECE))
    sent += PIECE
    if (sent < archive.length) return
    clearInterval(send)
    response.end()
  }, 60)
})
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo
const hash = `sha256-${createHash('sha256').update(archive).digest('base64')}`

/** A graph of small C programs, compiled for real, each as often as it takes to be seen. */
const recipes = `
import { fetchUrl, recipe, sh, trivial } from 'store/recipe'
import { toolchain } from 'store/channel/toolchain'
const words = fetchUrl({ name: 'words.txt', url: 'http://127.0.0.1:${port}/words.txt', hash: '${hash}' })
const make = (name, seconds, needs = [], line = 'int main(void) { return 0; }', source = sh\`\`) => recipe({
  name, version: '1.0', inputs: toolchain,
  phases: trivial(sh\`
    : \${needs.reduce((text, one) => sh\`\${text} \${one}\`, source)}
    echo \${line} > main.c
    for i in $(seq \${String(seconds)}); do
      echo "gcc -O2 -Wall -c main.c -o part-$i.o"
      gcc -O2 -Wall -c main.c -o part-$i.o
      sleep 0.8
    done
    mkdir "$out"\`),
})
const text = make('libtext', 5)
const colour = make('libcolour', 3)
const screen = make('libscreen', 4, [colour])
const dictionary = make('dictionary', 2, [text], undefined, words)
export const editor = make('editor', 3, [screen, dictionary])
export const game = make('game', 3, [make('libsound', 1, [], 'int play(int note) { return frequency(note); } int x = "loud";')])
`

await using root = await temporaryRoot(process.env.STORE_SEEDED)
await runStore(root.path, ['build', 'hello'])
await writeFile(join(root.path, 'mine.ts'), recipes)

/** Runs `store build` and gives what was seen: every so often, and at the end. */
async function record(name: string, ...options: string[]): Promise<readonly Frame[]> {
  const session = openTerminal(
    [process.execPath, storeProgram, 'build', `./mine.ts:${name}`, ...options],
    size,
    {
      cwd: root.path,
      env: {
        PATH: process.env.PATH,
        HOME: root.path,
        XDG_CACHE_HOME: join(root.path, 'cache'),
        TERM: 'xterm-256color',
        STORE_ROOT: root.path,
      },
    },
  )
  const frames: Frame[] = []
  let isOver = false
  const ended = session.ended.then(() => {
    isOver = true
  })
  while (!isOver) {
    await Promise.race([delay(INTERVAL * 1000), ended])
    await session.screen()
    frames.push(captureFrame(session.emulator))
  }
  return frames.filter(frame => frame.some(line => line !== ''))
}

await mkdir(images, { recursive: true })
const seen = await record('editor', '-j2')
// The end stays for a while.
const frames = [...seen, ...Array.from({ length: 6 }, () => seen.at(-1)!)]
const picture = (title: string) => ({ title, columns: size.columns, seconds: INTERVAL })
await writeFile(join(images, 'build.svg'), renderSvg(frames, picture('store build editor')))
const failure = (await record('game')).at(-1)!
await writeFile(join(images, 'failure.svg'), renderSvg([failure], picture('store build game')))
server.close()
