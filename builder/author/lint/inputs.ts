import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { findInfo, formatStorePath, type Store, type StorePath, systemCode } from '../../../store/index.js'
import { readCounts } from '../../build/counts.js'
import { logFile } from '../../build/log.js'
import type { Lowered } from '../../derivation/derivation.js'
import type { Lowering } from '../../lower/lower.js'
import { exportNameOf } from '../write.js'
import { about, type Finding, type Linted } from './finding.js'

/**
 * Inputs of which nothing shows that the build uses them: the recipe does not name their path, no output refers to
 * them, no program of theirs ran, and the log does not name them. What only gives headers or static libraries leaves
 * no trace, and what another input refers to may be there for its sake: neither is judged. `undefined` for a package
 * that was not built in this store: nothing is known then.
 */
export async function lintInputs(
  store: Store,
  linted: Linted,
  lowering: Lowering,
): Promise<readonly Finding[] | undefined> {
  const lowered = lowering.nodes[linted.package.node!] as Lowered
  const infos = await Promise.all([...lowered.outputs.values()].map(path => findInfo(store, path)))
  const programs = await readCounts(store.state, lowered.path)
  if (infos.includes(undefined) || !programs) return undefined
  const references = new Set(infos.flatMap(info => info!.references))
  const log = await readLog(logFile(store.state, lowered.path))
  const showsUse = (path: StorePath): boolean => {
    const name = formatStorePath(path)
    const hasRun = programs.some(({ program }) => program.startsWith(`${name}/`))
    return hasRun || references.has(path) || log.includes(name)
  }
  const inputs = inputsOf(linted, lowering)
  const findings: Finding[] = []
  for (const { name, paths, isJudged } of inputs) {
    const others = inputs.filter(other => other.paths !== paths).flatMap(other => other.paths)
    if (!isJudged || paths.some(showsUse)) continue
    if (!(await leavesTraces(store, paths)) || (await areReferredTo(store, paths, others))) continue
    const reasons = 'nothing refers to it, none of its programs ran, the log does not name it'
    findings.push(about(linted, 'inputs', 'UNUSED_INPUT', `seems not to use its input "${name}": ${reasons}`))
  }
  return findings
}

interface Input {
  readonly name: string
  readonly paths: readonly StorePath[]
  /** The recipe declares it by itself, not as one of a toolchain, and does not name its path. */
  readonly isJudged: boolean
}

function inputsOf(
  { package: { node: place, inputs }, emission: { nodes }, text }: Linted,
  lowering: Lowering,
): readonly Input[] {
  const node = nodes[place!]
  if (node?.kind !== 'build') return []
  const named = new Set(node.args.flat().map(part => (typeof part === 'string' ? -1 : part.node)))
  const isWritten = (name: string): boolean =>
    new RegExp(`(?<![\\w$])${exportNameOf(name)}(?![\\w$])`).test(text.replace(/\/\/.*/g, ''))
  const uses = (node.env.inputs ?? []).flatMap(part => (typeof part === 'string' ? [] : [part]))
  return inputs.map(name => {
    const own = uses.filter(use => nodes[use.node]!.name.startsWith(`${name}-`))
    return {
      name,
      paths: own.map(use => (lowering.nodes[use.node] as Lowered).outputs.get(use.output)!),
      isJudged: isWritten(name) && own.length > 0 && !own.some(use => named.has(use.node)),
    }
  })
}

async function readLog(file: string): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of createReadStream(file).pipe(createGunzip())) chunks.push(chunk as Buffer)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
  return Buffer.concat(chunks).toString('latin1')
}

const list = (folder: string): Promise<readonly string[]> => readdir(folder).catch((): string[] => [])

/** Whether use could be seen: programs are counted as they run, shared libraries are referred to. */
async function leavesTraces(store: Store, paths: readonly StorePath[]): Promise<boolean> {
  for (const path of paths) {
    if (!(await findInfo(store, path))) return false
    if ((await list(`${store.locate(path)}/bin`)).length > 0) return true
    if ((await list(`${store.locate(path)}/lib`)).some(name => /\.so(\.|$)/.test(name))) return true
  }
  return false
}

async function areReferredTo(
  store: Store,
  paths: readonly StorePath[],
  others: readonly StorePath[],
): Promise<boolean> {
  for (const other of others) {
    const info = await findInfo(store, other)
    if (info?.references.some(path => paths.includes(path))) return true
  }
  return false
}
