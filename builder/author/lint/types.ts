import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecipeWorld } from '../../lower/roots.js'
import { GLOBALS, typeSettings } from '../types.js'
import type { Finding } from './finding.js'

/** Compiles recipe files, for their types alone. `tsc` is the compiler's script. */
export async function lintTypes(
  tsc: string,
  world: RecipeWorld,
  files: readonly string[],
): Promise<readonly Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'store-lint-'))
  try {
    const globals = join(folder, 'globals.d.ts')
    await writeFile(globals, GLOBALS)
    const settings = { ...typeSettings(world), files: [globals, ...files] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    return parseErrors(await compile(tsc, folder), world.channel.folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const compile = (tsc: string, folder: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: '/' })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', chunk => {
        text += chunk
      })
    child.on('error', reject)
    child.on('close', status =>
      status === 0 || /error TS\d+/.test(text)
        ? resolve(text)
        : reject(new Error(`tsc ended with ${status}: ${text}`)),
    )
  })

/** The compiler names files relative to the root. Mistakes of others than the channel are not its author's. */
function parseErrors(text: string, channel: string): readonly Finding[] {
  return [...text.matchAll(/^([^\s(].*)\((\d+),\d+\): error (TS\d+): (.*)$/gm)]
    .map(([, file = '', line, code = '', sentence = '']) => ({
      file: file.startsWith('/') ? file : `/${file}`,
      line: Number(line),
      code,
      sentence,
    }))
    .filter(({ file }) => file.startsWith(`${channel}/`))
}
