import type { Provenance, StorePath } from '../../store/index.js'
import type { Lowered } from '../derivation/derivation.js'
import type { Lowering } from '../lower/lower.js'
import { locateFile } from '../lower/roots.js'
import type { PackageOfChannel } from './find.js'
import type { Point } from './folder.js'

interface LoweredPackage {
  readonly found: PackageOfChannel
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
  for (const { found, lowering } of packages) {
    const origin = await describe(found, isChanged)
    for (const path of lowering.derivations.keys()) if (!origins.has(path)) origins.set(path, origin)
  }
  for (const { found, lowered } of packages)
    origins.set(lowered.path, { ...(await describe(found, isChanged)), recipe: recipeFile(found) })
  return origins
}

async function describe({ package: { name, version }, channel }: PackageOfChannel, isChanged: boolean) {
  const asked = { package: `${name}@${version}`, ...(isChanged && { changed: 'yes' }) }
  if (!channel) return asked
  const { name: channelName, url, point } = await channel.pin()
  const library = (await channel.standard())?.point
  const isDirty = [point, library].some(point => point?.kind === 'commit' && point.isDirty)
  return {
    ...asked,
    channel: channelName,
    url,
    ...(point.kind === 'commit' ? { commit: point.commit } : { content: point.content }),
    ...(isDirty && { dirty: 'yes' }),
    ...(library && { library: formatPoint(library) }),
  }
}

/** A point as the time machine takes it. */
export const formatPoint = (point: Point): string => (point.kind === 'commit' ? point.commit : point.content)

const recipeFile = ({ package: { file }, channel, roots }: PackageOfChannel): string =>
  channel ? file.slice(file.indexOf('/') + 1) : (locateFile(roots, file) ?? file)

/** The command that rebuilds what a record is of, or `undefined` where neither a commit nor a hash has all of it. */
export function rebuildCommand(origin: Provenance): string | undefined {
  const { commit, content, url, dirty, changed, library, package: name } = origin
  const point = commit ?? content
  if (point === undefined || url === undefined || name === undefined || dirty || changed) return undefined
  const word = /^[0-9A-Za-z_@%+=:,./-]+$/.test(url) ? url : `'${url.replaceAll("'", `'\\''`)}'`
  const options = [`--commit=${point}`, `--channel=${word}`, ...(library ? [`--library=${library}`] : [])]
  return `store time-machine ${options.join(' ')} -- build ${name}`
}
