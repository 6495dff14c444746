import { readFile, stat } from 'node:fs/promises'
import { isAbsolute, join, normalize } from 'node:path'
import { systemCode } from '../../store/index.js'
import { isChannelUrl, parseJson } from './config.js'
import { BadChannel } from './errors.js'

/** The library that a channel is written against: that of a commit of the channel that carries it. */
export interface LibraryPin {
  readonly url: string
  readonly commit: string
}

/** How a channel's folder is laid out. */
export interface ChannelLayout {
  /** The folder of the recipes. */
  readonly recipes: string
  /** The file of the library that it carries. */
  readonly library: string | undefined
  readonly pin: LibraryPin | undefined
  /** Whether recipes can come from this path in the folder, or from one below it where it ends in a slash. */
  contains(path: string): boolean
}

/** What a channel may say of itself. */
const DESCRIPTION = 'channel.json'
const CARRIED = 'builder/recipe/'
/** The library that a channel carries. */
export const LIBRARY = `${CARRIED}index.ts`
const FORMAT = 'channel-1'

/**
 * What of a repository makes a channel: all but hidden files and installed packages; and of one that carries the library
 * nothing of the program around it. A folder's path may end in a slash.
 */
export function isOfChannel(path: string, carriesLibrary: boolean): boolean {
  const parts = path.split('/')
  if (parts.some(part => part.startsWith('.') || part === 'node_modules')) return false
  const isOfProgram = carriesLibrary && PROGRAM.includes(parts[0]!)
  return !isOfProgram || CARRIED.startsWith(join(path, '/')) || path.startsWith(CARRIED)
}

const PROGRAM = ['store', 'builder', 'cli', 'test', 'dist']

/** Reads what `folder` is made of. `name` stands for it in errors. */
export async function readLayout(name: string, folder: string): Promise<ChannelLayout> {
  const description = await readDescription(name, folder)
  const recipes = description.recipes ?? ((await isFolder(join(folder, 'recipes'))) ? 'recipes' : '.')
  if (!(await isFolder(folder)))
    throw new BadChannel(name, `there is no folder "${folder}"`, 'Make it, or remove the channel')
  if (!(await isFolder(join(folder, recipes)))) throw new BadChannel(name, `it has no folder "${recipes}"`)
  const library = await stat(join(folder, LIBRARY)).then(
    () => join(folder, LIBRARY),
    () => undefined,
  )
  return {
    recipes: join(folder, recipes),
    library,
    pin: description.library,
    contains: path => isOfChannel(path, library !== undefined) && isOfRecipes(path, join('.', recipes, '/')),
  }
}

const isOfRecipes = (path: string, recipes: string): boolean =>
  recipes === './' ||
  path === DESCRIPTION ||
  [recipes, CARRIED].some(part => path.startsWith(part) || (path.endsWith('/') && part.startsWith(path)))

/** What `channel.json` says. */
export interface ChannelDescription {
  readonly recipes?: string
  readonly library?: LibraryPin
}

async function readDescription(name: string, folder: string): Promise<ChannelDescription> {
  const text = await readFile(join(folder, DESCRIPTION), 'utf8').catch(error => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw new BadChannel(name, `its ${DESCRIPTION} cannot be read (${systemCode(error)})`)
  })
  return text === undefined ? {} : parseDescription(name, text)
}

export function parseDescription(name: string, text: string): ChannelDescription {
  const fail = (reason: string): never => {
    throw new BadChannel(name, `its ${DESCRIPTION} ${reason}`)
  }
  const { format, recipes, library, ...others } = parseJson(text) ?? fail('is no record in JSON')
  if (format !== FORMAT) fail(`has the format ${JSON.stringify(format)}, not "${FORMAT}"`)
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) fail(`has an unknown field "${unknown}"`)
  if (recipes !== undefined && !isInside(recipes)) fail('has "recipes" that is no folder of the channel')
  if (library !== undefined && !isPin(library))
    fail('has a "library" that is not a record of a url and a full commit id')
  return {
    ...(recipes !== undefined && { recipes: recipes as string }),
    ...(library !== undefined && { library: library as LibraryPin }),
  }
}

const isInside = (value: unknown): boolean =>
  typeof value === 'string' && !isAbsolute(value) && !normalize(value).startsWith('..')

function isPin(value: unknown): value is LibraryPin {
  if (typeof value !== 'object' || value === null) return false
  const { url, commit, ...others } = value as Readonly<Record<string, unknown>>
  return (
    isChannelUrl(url) &&
    typeof commit === 'string' &&
    /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit) &&
    Object.keys(others).length === 0
  )
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
