import { readFile } from 'node:fs/promises'
import type { Store } from '../../../store/index.js'
import { BadRecipe, InputCycle, UnknownPackage } from '../../lower/errors.js'
import { channelFiles } from '../../lower/load.js'
import { lower } from '../../lower/lower.js'
import { emitFiles } from '../../lower/packages.js'
import { locateFile, nameFile, type RecipeWorld, rootsOf } from '../../lower/roots.js'
import type { Emission } from '../../recipe/index.js'
import { refreshTypes } from '../types.js'
import type { Finding, Linted } from './finding.js'
import { lintInputs } from './inputs.js'
import { lintMetadata } from './metadata.js'
import { lintHashes, withHashes } from './sources.js'
import { lintNames, lintTests } from './style.js'
import { lintTypes } from './types.js'
import { type AskContext, lintUrls } from './urls.js'

export interface LintContext {
  readonly world: RecipeWorld
  /** The compiler's script. */
  readonly tsc: string
  readonly openStore: () => Promise<Store>
  /** How URLs are asked; they are not when it is left out. */
  readonly urls: Omit<AskContext, 'warn'> | undefined
  readonly note: (text: string) => void
}

/**
 * Looks at the recipes of a channel, or at those called `names`, and gives editors the types that it looks at them with.
 * Findings are in the order of files and lines.
 */
export async function lint(names: readonly string[], context: LintContext): Promise<readonly Finding[]> {
  const { world, urls } = context
  refreshTypes(world.channel.folder, world)
  const files = await channelFiles(world.channel)
  const { packages, findings } = await readPackages(world, files)
  const unknown = names.find(name => !packages.some(({ package: found }) => found.name === name))
  if (unknown !== undefined && findings.length === 0)
    throw new UnknownPackage(unknown, [], 'The recipes looked at are those of the channel in this folder')
  const chosen = packages.filter(({ package: { name } }) => names.length === 0 || names.includes(name))
  const isChosen = ({ file }: Finding): boolean =>
    names.length === 0 || chosen.some(linted => linted.file === file)
  const all = [
    ...findings,
    ...chosen.flatMap(linted => [...lintMetadata(linted), ...lintHashes(linted), ...lintTests(linted)]),
    ...lintNames(packages).filter(isChosen),
    ...(await lintTypes(context.tsc, world, files)).filter(isChosen),
    ...(await lintUses(chosen, context)),
    ...(urls ? await lintUrls(chosen, { ...urls, warn: context.note }) : []),
  ]
  return all.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line))
}

/** The packages of recipe files; of files that cannot be evaluated, why. */
async function readPackages(world: RecipeWorld, files: readonly string[]) {
  const findings: Finding[] = []
  const packages: Linted[] = []
  const emissions: Emission[] = []
  try {
    if (files.length > 0) emissions.push(await emitFiles(world, files))
  } catch (error) {
    if (!(error instanceof BadRecipe || error instanceof InputCycle)) throw error
    for (const file of files)
      try {
        emissions.push(await emitFiles(world, [file]))
      } catch (own) {
        if (!(own instanceof BadRecipe || own instanceof InputCycle)) throw own
        findings.push(asFinding(own, file))
      }
  }
  const roots = rootsOf(world)
  for (const emission of emissions)
    for (const found of emission.packages) {
      const file = locateFile(roots, found.file)
      if (file === undefined) continue
      packages.push({ package: found, file, text: await readFile(file, 'utf8'), emission })
    }
  for (const file of files) {
    const isNamed = packages.some(({ package: found }) => found.file === nameFile([world.channel], file))
    if (!isNamed && !findings.some(finding => finding.file === file))
      findings.push({
        file,
        line: 1,
        code: 'NO_RECIPE',
        sentence: 'it exports no recipe; what only helps recipes lies in a folder beside them',
      })
  }
  return { packages, findings: unique(findings) }
}

function asFinding(error: BadRecipe | InputCycle, file: string): Finding {
  const location = error instanceof BadRecipe ? error.location : undefined
  const sentence = location ? error.message.replace(/^.*?:\d+:\d+: /, '') : error.message
  return { file: location?.file ?? file, line: location?.line ?? 1, code: error.code, sentence }
}

/** Several files fail by the mistake of one that they import. */
const unique = (findings: readonly Finding[]): readonly Finding[] => [
  ...new Map(findings.map(finding => [JSON.stringify(finding), finding])).values(),
]

/** Looks for inputs that are not used, as far as builds in this store show it. */
async function lintUses(chosen: readonly Linted[], context: LintContext): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  let unbuilt = 0
  for (const emission of new Set(chosen.map(linted => linted.emission))) {
    try {
      const lowering = await lower(withHashes(emission), rootsOf(context.world))
      for (const linted of chosen.filter(other => other.emission === emission)) {
        const found = await lintInputs(await context.openStore(), linted, lowering)
        if (found) findings.push(...found)
        else unbuilt++
      }
    } catch (error) {
      if (!(error instanceof BadRecipe)) throw error
      findings.push({
        file: context.world.channel.folder,
        line: 1,
        code: error.code,
        sentence: error.message,
      })
    }
  }
  if (unbuilt > 0)
    context.note(
      `${unbuilt} of ${chosen.length} packages are not built here, so nothing shows which inputs they use`,
    )
  return findings
}
