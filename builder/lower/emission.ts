import type { Emission, EmittedNode } from '../recipe/index.js'
import { BadRecipe } from './errors.js'

type Check = (value: unknown) => boolean

const isText: Check = value => typeof value === 'string'
const isList =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(check)
const isRecord =
  (check: Check): Check =>
  value =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(check)
const isOptional =
  (check: Check): Check =>
  value =>
    value === undefined || check(value)
const isEpoch: Check = value => value === 'sources' || Number.isSafeInteger(value)

type Fields = Readonly<Record<string, Check>>

/** What every library has said of a package; later ones say more. */
const packageFields: Fields = {
  name: isText,
  version: isText,
  file: isText,
  exportName: isText,
  outputs: isList(isText),
  inputs: isList(isText),
  sources: isList(isText),
  skipped: isOptional(isList(isRecord(isText))),
  searchPaths: isOptional(isRecord(isList(isText))),
  meta: isOptional(isRecord(isText)),
}

/** The fields of each kind of node. `text` accepts texts that refer to earlier nodes alone. */
const nodeFields: Readonly<Record<string, (text: Check) => Fields>> = {
  fetch: () => ({ urls: isList(isText), hash: isText, archive: value => typeof value === 'boolean' }),
  'fetch-git': () => ({
    urls: isList(isText),
    commit: isText,
    submodules: value => typeof value === 'boolean',
    hash: isText,
  }),
  unpack: text => ({ source: text }),
  'unpack-archive': text => ({ source: text }),
  local: () => ({ path: isText }),
  build: text => ({
    builder: text,
    args: isList(text),
    env: isRecord(text),
    shell: text,
    outputs: isList(isText),
    user: value => value === 'root' || value === 'unprivileged',
    epoch: isEpoch,
    tracer: isOptional(isRecord(isText)),
  }),
}

/**
 * Reads what a recipe library emitted. Libraries of any age and origin write it, and recipes may interfere with
 * them: nothing of it is believed before it is checked. What only newer programs know is left to those who meet it.
 */
export function parseEmission(text: string): Emission {
  const value = readJson(text)
  if (!isRecord(() => true)(value)) return fail('it is no record')
  const { format, world, packages, nodes, changed } = value as Readonly<Record<string, unknown>>
  if (!isText(format) || !isOptional(isText)(world) || !isOptional(isList(isText))(changed))
    fail('its format, world or changes are not as they should be')
  if (!Array.isArray(packages) || !Array.isArray(nodes)) return fail('it lacks packages or nodes')
  for (const [i, node] of nodes.entries()) checkNode(node, i, nodes)
  for (const [i, found] of packages.entries()) {
    checkFields(found, packageFields, `package ${i}`)
    if (found.node !== undefined && !(Number.isSafeInteger(found.node) && found.node in nodes))
      fail(`package ${i} has no node`)
  }
  return { changed: [], ...(value as object) } as unknown as Emission
}

function checkNode(node: unknown, place: number, nodes: readonly EmittedNode[]): void {
  const what = `node ${place}`
  checkFields(node, { kind: isText, name: isText }, what)
  const { kind } = node as EmittedNode
  if (!Object.hasOwn(nodeFields, kind)) return
  const isReference: Check = part => {
    if (!isRecord(() => true)(part)) return false
    const { node: to, output } = part as { readonly node: unknown; readonly output: unknown }
    if (!Number.isSafeInteger(to) || (to as number) < 0 || (to as number) >= place) return false
    const target = nodes[to as number]!
    return target.kind === 'build' ? target.outputs.includes(output as string) : output === 'out'
  }
  checkFields(node, nodeFields[kind]!(isList(part => isText(part) || isReference(part))), what)
}

function checkFields(value: unknown, fields: Fields, what: string): void {
  if (!isRecord(() => true)(value)) fail(`${what} is no record`)
  for (const [field, check] of Object.entries(fields))
    if (!check((value as Readonly<Record<string, unknown>>)[field])) fail(`${what} has a wrong ${field}`)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return fail('it is no JSON')
  }
}

function fail(reason: string): never {
  throw new BadRecipe(
    undefined,
    `The recipes do not give what a recipe library emits: ${reason}`,
    'A recipe changed the language that its library is written in, or the library is none',
  )
}
