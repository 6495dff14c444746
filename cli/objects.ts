import {
  findInChannels,
  type Lowered,
  type Lowering,
  lower,
  originsOf,
  type PackageOfChannel,
  type Sources,
} from '../builder/index.js'
import { BadStorePath, resolvePath, type StorePath } from '../store/index.js'
import { type Changes, checkChanged } from './changes.js'
import type { Context } from './context.js'

/** A package and what it was lowered to. The emission, which may be as large, is let go. */
export interface LoweredPackage {
  readonly found: Omit<PackageOfChannel, 'emission'>
  /** As of `Emission`. */
  readonly changed: readonly string[]
  readonly lowering: Lowering
  readonly lowered: Lowered
}

/** Finds the package called `text` in the channels, or in the file that it names. */
export const findPackage = async (
  context: Context,
  text: string,
  changes: Changes = {},
): Promise<PackageOfChannel> =>
  findInChannels(await context.channels(), text, { cwd: context.cwd, note: context.note, ...changes })

/** Finds the package called `text` and lowers it. */
export async function lowerPackage(
  context: Context,
  text: string,
  changes: Changes = {},
): Promise<LoweredPackage> {
  const { emission, ...found } = await findPackage(context, text, changes)
  const lowering = await lower(emission, found.roots)
  const lowered = lowering.nodes[found.package.node!] as Lowered
  return { found, changed: emission.changed, lowering, lowered }
}

/** Lowers several packages, which share most of their sources. */
export async function lowerPackages(
  context: Context,
  texts: readonly string[],
  changes: Changes = {},
): Promise<{ packages: readonly LoweredPackage[]; sources: Sources }> {
  const packages: LoweredPackage[] = []
  for (const text of texts) packages.push(await lowerPackage(context, text, changes))
  checkChanged(
    changes,
    packages.flatMap(({ changed }) => changed),
  )
  return {
    packages,
    sources: {
      derivations: new Map(packages.flatMap(({ lowering }) => [...lowering.derivations])),
      locals: new Map(packages.flatMap(({ lowering }) => [...lowering.locals])),
      origins: () => originsOf(packages, changes.transform !== undefined),
    },
  }
}

/** Whether `text` means an object, not a package: a path, a base name, or the start of a hash. */
export const looksLikePath = (text: string): boolean =>
  !text.endsWith('.ts') && (text.startsWith('/') || /^[0-9a-df-np-sv-z]{32}(-|$)/.test(text))

/** The valid object that `text` means: a path, a package's output, or the start of a hash. */
export async function resolveObject(context: Context, text: string): Promise<StorePath> {
  const store = await context.store()
  if (looksLikePath(text)) return resolvePath(store, text)
  try {
    const { found, lowered } = await lowerPackage(context, text)
    return resolvePath(store, lowered.outputs.get(found.outputs[0]!)!)
  } catch (error) {
    if (!isUnknownPackage(error)) throw error
    return resolvePath(store, text).catch(other => {
      throw other instanceof BadStorePath ? error : other
    })
  }
}

const isUnknownPackage = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'UNKNOWN_PACKAGE'
