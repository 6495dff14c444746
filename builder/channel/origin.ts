import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import type { Provenance, StorePath } from '../../store/index.js'
import type { Lowered } from '../derivation/derivation.js'
import type { Lowering } from '../lower/lower.js'
import { locateFile } from '../lower/roots.js'
import { withoutSecret } from './config.js'
import type { PackageOfChannel } from './find.js'
import type { Point } from './folder.js'

type FoundInChannel = Omit<PackageOfChannel, 'emission'>

interface LoweredPackage {
  readonly found: FoundInChannel
  readonly lowering: Lowering
  readonly lowered: Lowered
}

/**
 * What the records of objects are to say of where each derivation's recipe comes from. Only the packages that were
 * asked for have a recipe file: the others are known as what those need.
 */
export async function originsOf(
  packages: readonly LoweredPackage[],
  isChanged: boolean,
): Promise<ReadonlyMap<StorePath, Provenance>> {
  const origins = new Map<StorePath, Provenance>()
  const asked: [StorePath, Provenance][] = []
  for (const { found, lowering, lowered } of packages) {
    const origin = await describe(found, isChanged)
    for (const path of lowering.derivations.keys()) if (!origins.has(path)) origins.set(path, origin)
    asked.push([lowered.path, { ...origin, recipe: recipeFile(found) }])
  }
  return new Map([...origins, ...asked])
}

async function describe({ package: { name, version }, channel }: FoundInChannel, isChanged: boolean) {
  const asked = { package: `${name}@${version}`, ...(isChanged && { changed: 'yes' }) }
  if (!channel) return asked
  const [pin, standard] = [await channel.pin(), await channel.standard()]
  const { name: channelName, url, point } = pin
  const library = standard?.point
  const isDirty = [point, library].some(point => point?.kind === 'commit' && point.isDirty)
  return {
    ...asked,
    channel: channelName,
    url,
    ...(point.kind === 'commit' ? { commit: point.commit } : { content: point.content }),
    ...(isDirty && { dirty: 'yes' }),
    ...(library && { library: formatPoint(library) }),
    ...((pin.isUnsigned || standard?.isUnsigned) && { unsigned: 'yes' }),
  }
}

/** A point as the time machine takes it. */
export const formatPoint = (point: Point): string => (point.kind === 'commit' ? point.commit : point.content)

const recipeFile = ({ package: { file }, channel, roots }: FoundInChannel): string =>
  channel ? file.slice(file.indexOf('/') + 1) : (locateFile(roots, file) ?? file)

/** The command that rebuilds what a record is of, or why there is none: neither a commit nor a hash has all of it. */
export function describeRebuild(
  origin: Provenance,
): { readonly command: string } | { readonly problem: string } {
  const { commit, content, url, dirty, changed, library, unsigned, package: name } = origin
  const point = commit ?? content
  if (name === undefined) return { problem: 'its record does not say what it was built for' }
  if (changed) return { problem: 'options changed its recipes' }
  if (point === undefined || url === undefined) return { problem: 'its recipe file was in no channel' }
  if (dirty) return { problem: 'its recipes, or their library, had changes that are in no commit' }
  const safe = withoutSecret(url)
  const word = /^[0-9A-Za-z_@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", `'\\''`)}'`
  const options = [
    `--commit=${point}`,
    `--channel=${word}`,
    ...(library ? [`--library=${library}`] : []),
    ...(unsigned ? ['--unsigned'] : []),
  ]
  return { command: `store time-machine ${options.join(' ')} -- build ${name}` }
}

/** Whether one record says more than another: a commit is there for ever, a folder's content as long as it is the same. */
export const isBetterOrigin = (origin: Provenance, than: Provenance | undefined): boolean =>
  rank(origin) > rank(than)

/** Whether more could be said by now than a record does, as far as can be told at no cost. */
export const mayHaveBetterOrigin = (origin: Provenance | undefined): boolean =>
  rank(origin) === 0 || (origin?.content !== undefined && isInRepository(origin.url ?? ''))

const rank = (origin: Provenance = {}): number =>
  'problem' in describeRebuild(origin) ? 0 : origin.commit === undefined ? 1 : 2

const isInRepository = (folder: string): boolean =>
  isAbsolute(folder) &&
  (existsSync(join(folder, '.git')) || (folder !== dirname(folder) && isInRepository(dirname(folder))))
