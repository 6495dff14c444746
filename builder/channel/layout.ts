import { lstat, readFile, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, normalize, relative } from 'node:path'
import { systemCode } from '../../store/index.js'
import { isLeftOut } from '../lower/reach.js'
import { parseJson } from '../settings.js'
import { isChannelUrl, isCommitId } from './config.js'
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
 * What of a repository makes a channel: all but what every channel leaves out; and of one that carries the library
 * nothing of the program around it. A folder's path may end in a slash.
 */
export function isOfChannel(path: string, carriesLibrary: boolean): boolean {
  if (isLeftOut(path)) return false
  const isOfProgram = carriesLibrary && PROGRAM.includes(path.split('/')[0]!)
  return !isOfProgram || CARRIED.startsWith(join(path, '/')) || path.startsWith(CARRIED)
}

const PROGRAM = ['store', 'builder', 'cli', 'test', 'dist']

/**
 * Reads what `folder` is made of: nothing outside it, whatever its symlinks name. `name` stands for it in errors. Where a
 * symlink leads to the recipes, all of the folder may give them.
 */
export async function readLayout(name: string, folder: string): Promise<ChannelLayout> {
  if (!(await isFolder(folder)))
    throw new BadChannel(name, `there is no folder "${folder}"`, 'Make it, or remove the channel')
  const root = await realpath(folder)
  const description = await readDescription(name, root)
  const recipes = description.recipes ?? ((await isFolder(join(root, 'recipes'))) ? 'recipes' : '.')
  const place = await locateRecipes(name, root, recipes)
  const library = await findOwnFile(name, root, LIBRARY)
  const shown = place === join(root, recipes, '.') ? join('.', recipes, '/') : './'
  return {
    recipes: place,
    library,
    pin: description.library,
    contains: path => isOfChannel(path, library !== undefined) && isOfRecipes(path, shown),
  }
}

/** Where the folder of recipes lies, which is `root` or below it. */
async function locateRecipes(name: string, root: string, recipes: string): Promise<string> {
  const named = join(root, recipes, '.')
  if (!(await isFolder(named))) throw new BadChannel(name, `it has no folder "${recipes}"`)
  const place = await realpath(named)
  if (isLeftOut(recipes) || isLeftOut(relative(root, place)))
    throw new BadChannel(name, `its folder "${recipes}" is one that every channel leaves out`)
  if (/^\.\.(\/|$)/.test(relative(root, place)))
    throw new BadChannel(name, `its folder "${recipes}" is a symlink that leads out of it`)
  return place
}

/** Where a file of the channel lies, if it has it. One that is reached by a symlink is refused: it may be anybody's. */
async function findOwnFile(name: string, root: string, path: string): Promise<string | undefined> {
  const file = join(root, path)
  const place = await realpath(file).catch(error => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined
    throw new BadChannel(name, `its ${path} cannot be read (${systemCode(error)})`)
  })
  if (place === undefined) return undefined
  if (place !== file || !(await lstat(file)).isFile())
    throw new BadChannel(name, `its ${path} is a symlink or no file`, 'Put the file itself there')
  return file
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

async function readDescription(name: string, root: string): Promise<ChannelDescription> {
  const file = await findOwnFile(name, root, DESCRIPTION)
  if (file === undefined) return {}
  const text = await readFile(file, 'utf8').catch(error => {
    throw new BadChannel(name, `its ${DESCRIPTION} cannot be read (${systemCode(error)})`)
  })
  return parseDescription(name, text)
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
  return isChannelUrl(url) && isCommitId(commit) && Object.keys(others).length === 0
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
