import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import {
  BadDigest,
  type Digest,
  formatStorePath,
  hashTree,
  makeSourcePath,
  parseDigest,
  type StorePath,
} from '../../store/index.js'
import type { Derivation, EpochRule, Lowered, Output } from '../derivation/derivation.js'
import { nameDerivation } from '../derivation/hash.js'
import { FIRST_WORLD } from '../derivation/worlds.js'
import type { Emission, EmittedNode, EmittedText } from '../recipe/index.js'
import { BadRecipe } from './errors.js'
import { placeMistake } from './place.js'
import { findOutOfReach } from './reach.js'
import { locateFile, type Root } from './roots.js'

/** The one platform there is a builder for. */
export const SYSTEM = 'x86_64-linux'

/** Bytes of one argument, its NUL included, that Linux passes to a program. */
const MAX_ARGUMENT = 128 * 1024

/** A file or folder of a channel that becomes an object when it is built with. */
export interface LocalTree {
  readonly path: StorePath
  readonly name: string
  /** Where its content lies on this machine. */
  readonly file: string
}

/** What an emission's nodes became; inputs come before what uses them. */
export interface Lowering {
  readonly derivations: ReadonlyMap<StorePath, Lowered>
  readonly locals: ReadonlyMap<StorePath, LocalTree>
  /** For each node, its derivation or tree. */
  readonly nodes: readonly (Lowered | LocalTree)[]
}

/** The emissions this program reads; `recipes-1` knows neither worlds nor settings of the tracer. */
const formats: ReadonlySet<string> = new Set(['recipes-1', 'recipes-2'])

/** Makes derivations of what recipes declared. Reads the channel's local files; changes nothing. */
export async function lower(emission: Emission, roots: readonly Root[]): Promise<Lowering> {
  const { format, nodes, world = FIRST_WORLD } = emission
  if (!formats.has(format))
    throw new BadRecipe(
      undefined,
      `The recipe library writes the format "${format}", which this program does not read`,
      'Use a newer version of store',
    )
  const lowered: (Lowered | LocalTree)[] = []
  const derivations = new Map<StorePath, Lowered>()
  const locals = new Map<StorePath, LocalTree>()
  try {
    for (const node of nodes) {
      const result =
        node.kind === 'local'
          ? await lowerLocal(node, roots)
          : nameDerivation(lowerNode(node, lowered, world), derivations)
      lowered.push(result)
      if ('derivation' in result) derivations.set(result.path, result)
      else locals.set(result.path, result)
    }
  } catch (error) {
    throw error instanceof BadRecipe ? await placeMistake(error, emission, lowered.length, roots) : error
  }
  return { derivations, locals, nodes: lowered }
}

type Node<Kind extends EmittedNode['kind']> = Extract<EmittedNode, { readonly kind: Kind }>

async function lowerLocal({ name, path }: Node<'local'>, roots: readonly Root[]): Promise<LocalTree> {
  const file = locateFile(roots, path)
  if (file === undefined || !(await stat(file).catch(() => undefined))) {
    throw new BadRecipe(
      undefined,
      `A recipe uses the local file "${file ?? path}", which does not exist`,
      'Add the file to the channel, or name another in localFile',
    )
  }
  const folder = await realpath(dirname(file))
  if (
    !roots.some(root => `${folder}/`.startsWith(`${root.folder}/`)) &&
    !roots.some(root => root.folder === file)
  )
    throw new BadRecipe(
      undefined,
      `A recipe uses the local file "${file}", which is outside its channel`,
      'Copy it into the channel, beside the recipe',
    )
  const unreachable = findOutOfReach(roots, join(folder, basename(file)))
  if (unreachable !== undefined)
    throw new BadRecipe(
      undefined,
      `A recipe uses the local file "${file}", but channels leave out "${unreachable}"`,
      'Put what the recipe needs in a folder of its own, and name that in localFile',
    )
  return { path: makeSourcePath('nar', (await hashTree(file)).narHash, name), name, file }
}

function lowerNode(
  node: Exclude<EmittedNode, { kind: 'local' }>,
  lowered: readonly (Lowered | LocalTree)[],
  world: string,
): Derivation {
  const uses = new Uses(lowered)
  const fields = Object.hasOwn(makers, node.kind) ? makers[node.kind] : undefined
  if (!fields)
    throw new BadRecipe(
      undefined,
      `The recipe library declares "${node.name}" as "${node.kind}", which this program does not know`,
      'Use a newer version of store',
    )
  const drv = fields(node as never, uses)
  const long = [...drv.args, ...[...drv.env].map(([name, value]) => `${name}=${value}`)].find(
    text => Buffer.byteLength(text) >= MAX_ARGUMENT,
  )
  if (long !== undefined) {
    throw new BadRecipe(
      undefined,
      `The build of "${node.name}" has a script or variable of more than ${MAX_ARGUMENT / 1024} KiB: ${long.slice(0, 40).replaceAll('\n', ' ')}...`,
      'Put it in a file beside the recipe and use localFile',
    )
  }
  return {
    ...drv,
    name: node.name,
    system: SYSTEM,
    world,
    inputs: uses.inputs,
    sources: uses.sources,
  }
}

type Fields = Omit<Derivation, 'name' | 'system' | 'world' | 'inputs' | 'sources'>

const builtin = (
  builder: string,
  args: readonly string[],
  env: ReadonlyMap<string, string>,
  output: Output,
): Fields => ({
  builder,
  args,
  env,
  shell: '',
  user: 'root',
  epoch: { kind: 'sources' },
  tracer: new Map(),
  outputs: new Map([['out', output]]),
})

const fetchFields = ({ name, urls, hash, archive }: Node<'fetch'>): Fields =>
  builtin('builtin:fetch', urls, new Map(archive ? [['archive', '1']] : []), {
    kind: 'fixed',
    method: 'flat',
    digest: readHash(name, hash),
  })

const gitFields = ({ name, urls, commit, submodules, hash }: Node<'fetch-git'>): Fields =>
  builtin(
    'builtin:fetch-git',
    urls,
    new Map([['commit', commit], ...(submodules ? [['submodules', '1'] as const] : [])]),
    { kind: 'fixed', method: 'nar', digest: readHash(name, hash) },
  )

function readHash(source: string, hash: string): Digest {
  try {
    return parseDigest(hash)
  } catch (error) {
    if (!(error instanceof BadDigest)) throw error
    throw new BadRecipe(undefined, `The source "${source}" has a wrong hash: ${error.message}`, error.hint)
  }
}

const unpackFields = ({ kind, source }: Node<'unpack' | 'unpack-archive'>, uses: Uses): Fields =>
  builtin(`builtin:${kind}`, [uses.text(source)], new Map(), { kind: 'input-addressed' })

const buildFields = (node: Node<'build'>, uses: Uses): Fields => ({
  builder: uses.text(node.builder),
  args: node.args.map(arg => uses.text(arg)),
  env: new Map(Object.entries(node.env).map(([name, value]) => [name, uses.text(value)])),
  shell: uses.text(node.shell),
  user: node.user,
  epoch: epochRule(node.epoch),
  tracer: new Map(Object.entries(node.tracer ?? {})),
  outputs: new Map(node.outputs.map(name => [name, { kind: 'input-addressed' }])),
})

const epochRule = (epoch: Node<'build'>['epoch']): EpochRule =>
  epoch === 'sources' ? { kind: 'sources' } : { kind: 'fixed', seconds: epoch }

const makers: Readonly<Record<Exclude<EmittedNode['kind'], 'local'>, (node: never, uses: Uses) => Fields>> = {
  fetch: fetchFields,
  'fetch-git': gitFields,
  unpack: unpackFields,
  'unpack-archive': unpackFields,
  build: buildFields,
}

/** Turns texts into strings and remembers what they refer to. */
class Uses {
  readonly inputs = new Map<StorePath, Set<string>>()
  readonly sources = new Set<StorePath>()
  readonly #lowered: readonly (Lowered | LocalTree)[]

  constructor(lowered: readonly (Lowered | LocalTree)[]) {
    this.#lowered = lowered
  }

  text(parts: EmittedText): string {
    return parts.map(part => (typeof part === 'string' ? part : formatStorePath(this.#path(part)))).join('')
  }

  #path({ node, output }: Exclude<EmittedText[number], string>): StorePath {
    const target = this.#lowered[node]
    if (!target) throw new Error(`Node ${node} is used before it is declared`)
    if (!('derivation' in target)) {
      this.sources.add(target.path)
      return target.path
    }
    const path = target.outputs.get(output)
    if (path === undefined) throw new Error(`"${target.derivation.name}" has no output "${output}"`)
    this.inputs.set(target.path, (this.inputs.get(target.path) ?? new Set()).add(output))
    return path
  }
}
