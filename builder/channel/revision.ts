import { AmbiguousCommit } from './errors.js'
import { git } from './git.js'
import type { Repository } from './repository.js'

/** What somebody's name for a commit means in a repository. */
export interface Meaning {
  readonly commit: string
  /** It is an id or the beginning of one, which mean the same for ever; what a tag or branch means may move. */
  readonly isId: boolean
  /** How the name was taken and what it could have meant as well, if it could. */
  readonly doubt: string | undefined
}

const FULL_ID = /^([0-9a-f]{40}|[0-9a-f]{64})$/i
const BEGINNING = /^[0-9a-f]{4,}$/i
const REF_NAME = /^(?!.*(@\{|\.\.))[^\s~^:?*[\\]+$/

/**
 * What `revision` means: a full id; else `HEAD`, or the ref of this full name; else a tag, a branch, a branch of a remote;
 * else the one commit whose id begins so; else what git makes of it, such as `HEAD~1`. This is git's own order, whatever it
 * is set to.
 */
export async function findMeaning(repository: Repository, revision: string): Promise<Meaning | undefined> {
  const { folder, isOwn } = repository
  if (FULL_ID.test(revision)) return exactly(await evaluate(folder, revision), true)
  const name = isOwn ? revision.replace(/^HEAD(?=$|[~^])/, 'refs/store/head') : revision
  if (name === 'HEAD') return exactly(await evaluate(folder, name), false)
  const isRefName = REF_NAME.test(name)
  if (isRefName && name.startsWith('refs/')) return exactly((await readRefs(folder, [name])).get(name), false)
  const refs = isRefName ? await findRefs(folder, name) : []
  const commits = BEGINNING.test(revision) ? await findCommits(folder, revision) : []
  const [first] = refs
  if (first) return { commit: first.commit, isId: false, doubt: describeDoubt(revision, refs, commits) }
  if (commits.length > 1) throw new AmbiguousCommit(revision, commits)
  if (commits[0] !== undefined) return exactly(commits[0], true)
  return exactly(await evaluate(folder, name), false)
}

const exactly = (commit: string | undefined, isId: boolean): Meaning | undefined =>
  commit === undefined ? undefined : { commit, isId, doubt: undefined }

async function evaluate(folder: string, name: string): Promise<string | undefined> {
  const args = ['rev-parse', '--verify', '--end-of-options', `${name}^{commit}`]
  const { status, stdout } = await git(folder, args)
  const id = stdout.toString().trim().split('\n').at(-1)
  // Of `^main`, all that does not come before a commit, git gives its id with a mark.
  return status === 0 && id !== undefined && FULL_ID.test(id) ? id : undefined
}

interface Ref {
  readonly kind: string
  readonly name: string
  readonly commit: string
}

const kinds = { 'refs/tags': 'tag', 'refs/heads': 'branch', 'refs/remotes': 'branch of a remote' }

/** The tags and branches of this name, in git's order. */
async function findRefs(folder: string, revision: string): Promise<readonly Ref[]> {
  const refs = Object.entries(kinds).map(([place, kind]) => ({ kind, name: `${place}/${revision}` }))
  const commits = await readRefs(
    folder,
    refs.map(({ name }) => name),
  )
  return refs.flatMap(ref => {
    const commit = commits.get(ref.name)
    return commit === undefined ? [] : [{ ...ref, commit }]
  })
}

/** The commits of the refs of these full names alone: a name that it does not have git takes for that of a tag. */
async function readRefs(folder: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await git(folder, ['for-each-ref', '--format=%(objectname) %(refname)', ...names])
  const found = [...stdout.toString().matchAll(/^(\S+) (.*)$/gm)].map(([, id = '', name = '']) => ({
    id,
    name,
  }))
  const commits = await checkObjects(
    folder,
    found.map(({ id }) => `${id}^{commit}`),
  )
  return new Map(
    found.flatMap(({ name }, i) => (commits[i] === undefined ? [] : [[name, commits[i]] as const])),
  )
}

/** The commits whose ids begin so. */
async function findCommits(folder: string, beginning: string): Promise<readonly string[]> {
  const { stdout } = await git(folder, ['rev-parse', `--disambiguate=${beginning}`])
  const ids = await checkObjects(folder, stdout.toString().split('\n').slice(0, -1))
  return ids.filter(id => id !== undefined)
}

/** For each name the id of the commit that it is, if it is one. */
async function checkObjects(
  folder: string,
  names: readonly string[],
): Promise<readonly (string | undefined)[]> {
  if (names.length === 0) return []
  const input = names.map(name => `${name}\n`).join('')
  const { stdout } = await git(folder, ['cat-file', '--batch-check'], { input })
  const lines = stdout.toString().split('\n')
  return names.map((_, i) => /^([0-9a-f]+) commit /.exec(lines[i] ?? '')?.[1])
}

function describeDoubt(
  revision: string,
  [taken, ...refs]: readonly Ref[],
  commits: readonly string[],
): string | undefined {
  const others = [
    ...refs.map(({ kind, name }) => `the ${kind}, which is ${name}`),
    ...commits.filter(id => id !== taken!.commit).map(id => `the commit ${id}`),
  ]
  return others.length === 0
    ? undefined
    : `"${revision}" is taken for the ${taken!.kind} of this name, not for ${others.join(' or ')}`
}
