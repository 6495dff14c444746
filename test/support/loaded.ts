import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type RunOptions, runStore } from './command.js'

const observer = fileURLToPath(new URL('loaded.cjs', import.meta.url))

/** Modules of Node's own that take milliseconds to load. */
const slow = ['child_process', 'crypto', 'http', 'https', 'tls', 'worker_threads', 'zlib']

/** Runs a command on the store in `folder`, and tells which packages it loaded, and what slow of Node's own. */
export async function loadedBy(folder: string, args: readonly string[], options: RunOptions = {}) {
  const file = join(folder, 'loaded.json')
  const env = { ...options.env, NODE_OPTIONS: `--require=${observer}`, STORE_LOADED: file }
  const ran = await runStore(folder, args, { ...options, env })
  const loaded: { packages: string[]; builtins: string[] } = JSON.parse(await readFile(file, 'utf8'))
  return { ...ran, packages: loaded.packages, slow: slow.filter(name => loaded.builtins.includes(name)) }
}
