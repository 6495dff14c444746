import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { reading, whereReachable, writeEntry } from '../../store/index.js'
import { startResting, witness } from '../lower/witness.js'
import { DamagedClone } from './errors.js'
import { complaint, git } from './git.js'
import type { ChannelLayout } from './layout.js'
import { type CommittedFile, hasId, kindOf, type TreeEntry, walkCommit } from './objects.js'
import { type FoundFile, readFound, walk } from './walk.js'

/** A channel's folder, and a commit of its repository. */
export interface FolderAt {
  readonly folder: string
  /** Where the folder lies in the repository, as `prefixOf` gives it. */
  readonly prefix: string
  readonly commit: string
  /** The file of git's index. */
  readonly index: string
  readonly contains: ChannelLayout['contains']
}

/**
 * Whether what recipes can see of a folder differs from what they would see of the commit. The bytes on the disk are
 * compared with those of the commit: git takes files for unchanged which a filter or a setting of its own makes so.
 *
 * To read every file takes long where there are thousands. A folder that was found to be the same is remembered with the
 * state of git's index: as long as nobody has written that, git tells by the times of files which have changed since.
 */
export async function isChanged(state: string, at: FolderAt): Promise<boolean> {
  const isAtRest = startResting()
  const suspects = await findSuspects(at)
  const memory = memoryOf(state, at)
  const isKnown = memory.isKnown()
  const first = suspects.slice(0, FEW)
  if (first.length > 0 && (await differAny(at, first, await listCommitted(at, first)))) return true
  if (isKnown && first.length === suspects.length) return false
  if (await differAny(at, [''], await readCommitted(at))) return true
  // What is written in the same moment as the index might show no change.
  if (isAtRest([at.index]) && !(await hasBlindSpots(at))) memory.remember()
  return false
}

/** How many files are looked at before all of them are. */
const FEW = 100

/** Whether anything at these paths, or below them, is not as in the commit. No checkout has a name that is no text. */
const differAny = (at: FolderAt, paths: readonly string[], committed: Committed): Promise<boolean> =>
  reading(at.folder, async () =>
    paths.some(path => path.includes('\ufffd') || differsBelow(at, committed, path)),
  )

/** What git is to make of the times and modes of files, whatever the user's settings say. */
const settings = [
  'core.checkStat=default',
  'core.fileMode=true',
  'core.fsmonitor=false',
  'core.symlinks=true',
  'core.trustctime=true',
  'core.untrackedCache=false',
]

/** The paths, those of folders with a slash at the end, that are not, or not untouched, what git's index has. */
async function findSuspects(at: FolderAt): Promise<readonly string[]> {
  const lists = await Promise.all([
    list(at, ['diff-files', '-z', '--name-only', '--relative', '--ignore-submodules=all', '--', '.']),
    list(at, ['ls-files', '-z', '--others', '--directory', '--', '.']),
  ])
  return lists.flat().filter(path => at.contains(path))
}

/** Whether the index has files of which git is told not to look whether they change, or submodules, which it is not. */
async function hasBlindSpots(at: FolderAt): Promise<boolean> {
  const lines = await list(at, ['ls-files', '-z', '-v', '--stage', '--', '.'])
  return lines.some(line => !/^H (?!160000 )/.test(line) && at.contains(line.slice(line.indexOf('\t') + 1)))
}

async function list({ folder }: FolderAt, args: readonly string[]): Promise<readonly string[]> {
  const { status, stdout, stderr } = await git(folder, args, { settings })
  if (status !== 0) throw new DamagedClone(folder, complaint(stderr))
  return stdout.toString().split('\0').slice(0, -1)
}

/** Changes with every change of what of a folder is compared. */
const FORMAT = 'same-1'

/** What is remembered of a folder: the last commit that it was the same as, and the index of that time. */
function memoryOf(state: string, { folder, commit, index }: FolderAt) {
  const places = join(state, 'cache', FORMAT)
  const name = createHash('sha256').update(folder).digest('hex')
  const entry = `${JSON.stringify({ commit, index: witness(index) })}\n`
  return {
    isKnown: (): boolean => whereReachable(() => readFileSync(join(places, name), 'utf8')) === entry,
    remember: (): void => {
      if (existsSync(index)) writeEntry(state, places, name, entry)
    },
  }
}

/** The files of a commit that a channel has, by their paths in its folder. */
type Committed = ReadonlyMap<string, { readonly kind: CommittedFile['kind']; readonly id: string }>

/** What git lists of the commit at these paths, which only says what has changed. */
async function listCommitted(at: FolderAt, paths: readonly string[]): Promise<Committed> {
  const lines = await list(at, ['ls-tree', '-r', '-z', at.commit, '--', ...paths])
  const entries = lines.map(line => {
    const tab = line.indexOf('\t')
    const [mode = '', , id = ''] = line.slice(0, tab).split(' ')
    return { mode, id, path: line.slice(tab + 1) }
  })
  return makeCommitted(entries.filter(({ path }) => at.contains(path)))
}

async function readCommitted({ folder, prefix, commit, contains }: FolderAt): Promise<Committed> {
  const wants = (path: string, isFolder: boolean): boolean =>
    path.startsWith(prefix)
      ? contains(path.slice(prefix.length) + (isFolder ? '/' : ''))
      : isFolder && prefix.startsWith(`${path}/`)
  const entries = await walkCommit(folder, commit, wants)
  return makeCommitted(entries.map(entry => ({ ...entry, path: entry.path.slice(prefix.length) })))
}

function makeCommitted(entries: readonly TreeEntry[]): Committed {
  const committed = new Map<string, { kind: CommittedFile['kind']; id: string }>()
  for (const { path, mode, id } of entries) {
    const kind = kindOf(mode)
    if (kind !== undefined) committed.set(path, { kind, id })
  }
  return committed
}

/** Whether anything at `path`, or below it, is not as in the commit: its bytes, its kind, or that it is there. */
function differsBelow({ folder, contains }: FolderAt, committed: Committed, path: string): boolean {
  const inside = path.replace(/\/$/, '')
  const isInside = (name: string): boolean =>
    inside === '' || name === inside || name.startsWith(`${inside}/`)
  let same = 0
  for (const found of walk(folder, inside, contains)) {
    if (!isSame(folder, found, committed)) return true
    same++
  }
  return same !== [...committed.keys()].filter(isInside).length
}

function isSame(folder: string, found: FoundFile, committed: Committed): boolean {
  const expected = committed.get(found.path)
  if (expected?.kind !== found.kind) return false
  return hasId({ type: 'blob', content: readFound(folder, found) }, expected.id)
}
