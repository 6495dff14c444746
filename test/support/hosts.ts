import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, readlink, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { findInfo, formatDigest, hashTree, listValid, openStore, type StorePath } from '../../store/index.js'
import { storeOptions } from './store.js'

const clone = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))

/** What differs between two people's machines and must not get into what they build. */
export const surroundings = {
  TZ: 'Pacific/Chatham',
  LANG: 'de_DE.UTF-8',
  LC_ALL: 'tr_TR.UTF-8',
  USER: 'somebody',
  HOSTNAME: 'elsewhere',
  MAKEFLAGS: '-k',
  CFLAGS: '-O0',
  CC: 'false',
  CONFIG_SITE: '/nowhere',
  SOURCE_DATE_EPOCH: '1',
  LD_LIBRARY_PATH: '/nowhere',
  C_INCLUDE_PATH: '/nowhere',
  BASH_ENV: '/nowhere',
  NODE_OPTIONS: '--no-warnings',
  TMPDIR: '/dev/shm',
}

/** Copies the built program and its channel to `folder`, as another clone would have them. Returns the command. */
export async function copyClone(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  for (const name of ['dist', 'recipes', 'builder/recipe', 'package.json'])
    await cp(clone(name), join(folder, name), { recursive: true })
  await symlink(clone('node_modules'), join(folder, 'node_modules'))
  await promisify(execFile)('chmod', ['-R', 'a+rX', folder])
  return join(folder, 'dist/store.cjs')
}

/** For each valid object of the store in `root`, what must be the same on every machine. */
export async function describeStore(root: string): Promise<ReadonlyMap<StorePath, string>> {
  await using store = await openStore(storeOptions(root))
  const described = new Map<StorePath, string>()
  for (const path of await listValid(store)) {
    const { narHash, narSize, references, deriver } = (await findInfo(store, path))!
    described.set(path, JSON.stringify([formatDigest(narHash), narSize, references, deriver]))
  }
  return described
}

/** How two stores differ: objects that one lacks, and for those with other bytes, where. */
export async function compareStores(one: string, other: string): Promise<readonly string[]> {
  const [first, second] = [await describeStore(one), await describeStore(other)]
  const differences: string[] = []
  for (const path of [...new Set([...first.keys(), ...second.keys()])].sort()) {
    if (first.get(path) === second.get(path)) continue
    if (!first.has(path)) differences.push(`${path}: only in ${other}`)
    else if (!second.has(path)) differences.push(`${path}: only in ${one}`)
    else {
      differences.push(`${path}: ${first.get(path)}, ${second.get(path)}`)
      for await (const place of compareTrees(join(one, 'store', path), join(other, 'store', path)))
        differences.push(`  ${place}`)
    }
  }
  return differences
}

/** Where two trees differ, a line for each file: its name, what is there, and at which byte. */
export async function* compareTrees(one: string, other: string, name = ''): AsyncGenerator<string> {
  const [first, second] = [await read(join(one, name)), await read(join(other, name))]
  if (first instanceof Buffer && second instanceof Buffer) {
    const at = first.findIndex((byte, i) => byte !== second[i])
    if (first.equals(second)) {
      const hashes = [await hashTree(join(one, name)), await hashTree(join(other, name))]
      if (hashes[0]!.narHash.hex !== hashes[1]!.narHash.hex) yield `${name}: only its mode differs`
    } else yield `${name}: ${excerpt(first, at)} and ${excerpt(second, at)} at byte ${at}`
  } else if (Array.isArray(first) && Array.isArray(second)) {
    for (const entry of new Set([...first, ...second])) yield* compareTrees(one, other, join(name, entry))
  } else yield `${name}: of different kinds, or missing in one`
}

const excerpt = (bytes: Buffer, at: number): string =>
  JSON.stringify(bytes.toString('latin1', Math.max(0, at - 20), at + 40))

/** The bytes of a file, the target of a link, the names in a directory; `undefined` for what is not there. */
async function read(path: string): Promise<Buffer | string[] | undefined> {
  const link = await readlink(path, 'buffer').catch(() => undefined)
  if (link) return link
  return readdir(path).catch(() => readFile(path).catch(() => undefined))
}
