import { git, lastLine } from '../channel/git.js'
import { UrlProblem } from './problem.js'

/** Where a submodule lies in the tree, and where its repository may be had. */
export interface Submodule {
  readonly path: string
  readonly url: string
}

/** Reads a `.gitmodules`; `parent` is the URL that relative ones start from. */
export async function readSubmodules(
  repository: string,
  description: Buffer,
  parent: string,
): Promise<readonly Submodule[]> {
  const { status, stdout, stderr } = await git(repository, ['config', '--file', '-', '--list', '-z'], {
    input: description.toString(),
  })
  if (status !== 0) throw new UrlProblem(`its .gitmodules cannot be read: ${lastLine(stderr)}`)
  const found = new Map<string, { path?: string; url?: string }>()
  for (const line of stdout.toString().split('\0')) {
    const [, name, field, value] = /^submodule\.(.*)\.(path|url)\n(.*)$/s.exec(line) ?? []
    if (name !== undefined) found.set(name, { ...found.get(name), [field!]: value })
  }
  return [...found.values()].flatMap(({ path, url }) =>
    path === undefined || url === undefined ? [] : [{ path, url: resolveUrl(url, parent) }],
  )
}

/** A URL as git reads it beside that of the parent. What is on this machine is for parents that are on it, too. */
export function resolveUrl(url: string, parent: string): string {
  const isAllowed = parent.startsWith('file://') ? isGitUrl(url) : isGitUrl(url) && !url.startsWith('file:')
  if (isAllowed) return url
  if (!/^\.\.?\//.test(url)) throw new UrlProblem(`"${url}" is no URL that a submodule may have`)
  let base = parent.replace(/\/+$/, '')
  let rest = url
  for (let match = /^(\.\.?)\/+/.exec(rest); match; match = /^(\.\.?)\/+/.exec(rest)) {
    rest = rest.slice(match[0].length)
    if (match[1] === '..') base = base.replace(/[/][^/]*$|(?<=:)[^/]*$/, '')
  }
  return base.endsWith(':') ? `${base}${rest}` : `${base}/${rest}`
}

/** The transports that are used, and ssh's short spelling `user@host:path`. */
const isGitUrl = (text: string): boolean =>
  /^(https?|ssh|file):\/\/[^-]/.test(text) || /^[A-Za-z0-9_.]+@[A-Za-z0-9.-]+:[^-]/.test(text)
