import { checkFields, describe, RecipeProblem } from './problem.js'
import { nameOfUrl } from './source.js'

/** The files of a commit, accepted only when their NAR has the declared hash. */
export interface GitSource {
  readonly kind: 'source'
  readonly type: 'git'
  readonly name: string
  readonly urls: readonly string[]
  readonly commit: string
  readonly submodules: boolean
  readonly hash: string
}

export interface FetchGitOptions {
  /** One URL or several of the same repository: `https://`, `http://`, `ssh://`, `file://` or `user@host:path`. */
  readonly url: string | readonly string[]
  /** The full id of the commit. */
  readonly commit: string
  /** Of the NAR of the files, without `.git`; `store hash --commit C URL` prints it. */
  readonly hash: string
  /** Fetches those repositories, too, that the commit names as its submodules. */
  readonly submodules?: boolean
  /** Of the store object; the repository's and the start of the commit when left out. */
  readonly name?: string
}

const fields = [
  'url',
  'commit',
  'hash',
  'submodules',
  'name',
] as const satisfies readonly (keyof FetchGitOptions)[]

/** Declares the files of a commit, byte by byte as they were committed. The build finds them as the folder `$source`. */
export function fetchGit(options: FetchGitOptions): GitSource {
  if (typeof options !== 'object' || options === null)
    throw new RecipeProblem(`fetchGit needs a record, not ${describe(options)}`)
  checkFields('fetchGit', options, fields)
  const { url, commit, hash, submodules = false } = options
  const urls = typeof url === 'string' ? [url] : url
  const mirror = [urls].flat().find(text => /^mirror:/i.test(String(text)))
  if (mirror !== undefined)
    throw new RecipeProblem(
      `fetchGit cannot take "${mirror}": lists of mirrors are of files, not of repositories`,
      "Give the repository's own URL; git's setting url.BASE.insteadOf puts a mirror in its place",
    )
  if (!Array.isArray(urls) || urls.length === 0 || !urls.every(isGitUrl))
    throw new RecipeProblem(
      'fetchGit needs a URL or a list of URLs',
      'They start with https://, http://, ssh:// or file://, or are user@host:path',
    )
  if (typeof commit !== 'string' || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit))
    throw new RecipeProblem(
      `fetchGit needs the full id of a commit, not ${typeof commit === 'string' ? `"${commit}"` : describe(commit)}`,
      `A branch or tag moves; print what it is now with: git ls-remote ${urls[0]}`,
    )
  if (typeof hash !== 'string')
    throw new RecipeProblem(
      `fetchGit needs a hash, not ${describe(hash)}`,
      `Print it with: store hash --commit ${commit} ${submodules ? '--submodules ' : ''}${urls[0]}`,
    )
  if (typeof submodules !== 'boolean')
    throw new RecipeProblem(`fetchGit needs true or false as submodules, not ${describe(submodules)}`)
  const repository = urls[0]!.replace(/\/+$/, '').replace(/\.git$/, '')
  return Object.freeze({
    kind: 'source',
    type: 'git',
    name: nameOfUrl(options.name ?? `${repository.split(/[/:]/).at(-1)}-${commit.slice(0, 7)}`),
    urls: Object.freeze([...urls]),
    commit,
    submodules,
    hash,
  })
}

const isGitUrl = (value: unknown): value is string =>
  typeof value === 'string' &&
  (/^(https?|ssh|file):\/\/[^-]/.test(value) || /^[A-Za-z0-9_.]+@[A-Za-z0-9.-]+:[^-]/.test(value))
