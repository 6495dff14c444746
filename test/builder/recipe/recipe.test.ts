import { describe, expect, test } from 'vitest'
import {
  fetchGit,
  fetchTarball,
  fetchUrl,
  gnu,
  localFile,
  recipe,
  sh,
  text,
  trivial,
  unpackDeb,
} from '../../../builder/recipe/index.js'

const phases = trivial(sh`:`, { shell: text('/sh') })
const good = { name: 'a', version: '1', phases }

describe('recipe', () => {
  test('fills in what was left out', () => {
    expect(recipe(good)).toMatchObject({
      outputs: ['out'],
      inputs: {},
      user: 'root',
      epoch: 'sources',
      meta: {},
    })
  })

  test.each<[string, object, string]>([
    ['an unknown field', { ...good, verson: '1' }, 'unknown field "verson"'],
    ['no name', { version: '1', phases }, 'as its name, not undefined'],
    ['a name with a slash', { ...good, name: 'a/b' }, 'cannot be the name'],
    ['a number as version', { ...good, version: 1 }, 'as its version, not a number'],
    ['no phases', { name: 'a', version: '1' }, 'gnu(), trivial() or copy()'],
    ['a text as source', { ...good, source: 'https://example.org' }, 'as its source, not a string'],
    ['an undefined input', { ...good, inputs: { b: undefined } }, 'input "b" that is undefined'],
    ['outputs without out', { ...good, outputs: ['dev'] }, 'lacks the output "out"'],
    ['an output twice', { ...good, outputs: ['out', 'out'] }, 'wrong outputs'],
    ['another user', { ...good, user: 'me' }, "'root' or 'unprivileged'"],
    ['a fraction as epoch', { ...good, epoch: 1.5 }, 'whole seconds'],
    ['a variable with a dash', { ...good, env: { 'a-b': '1' } }, 'cannot be a variable'],
    [
      'a tracer that untraps',
      { ...good, tracer: { tsc: 'host' } },
      `"tsc" of its tracer to "host"; it can be 'trap'`,
    ],
    ['an unknown class of the tracer', { ...good, tracer: { weather: 'host' } }, 'unknown field "weather"'],
    ['an unknown field in meta', { ...good, meta: { licence: 'MIT' } }, 'unknown field "licence"'],
  ])('refuses %s', (_what, options, message) => {
    expect(() => recipe(options as never)).toThrow(message)
  })
})

describe('phases', () => {
  const names = (list: typeof phases | ReturnType<typeof gnu>): string[] => list.list.map(({ name }) => name)
  const extra = { name: 'extra', script: () => sh`:` }

  test('can be added, replaced and left out, without changing the list they came from', () => {
    const before = gnu()
    expect(names(before.after('install', extra))).toEqual(
      names(before).toSpliced(names(before).indexOf('install') + 1, 0, 'extra'),
    )
    expect(names(before.before('build', extra))).toEqual(
      names(before).toSpliced(names(before).indexOf('build'), 0, 'extra'),
    )
    expect(names(before.without('check', 'a reason'))).not.toContain('check')
    expect(before.without('check', 'a reason').skipped).toEqual([{ phase: 'check', reason: 'a reason' }])
    expect(names(before)).toEqual(names(gnu()))
  })

  test.each<[string, () => unknown, string]>([
    ['a phase that is not there', () => gnu().after('instal', extra), 'no phase "instal"'],
    [
      'the same name twice',
      () => gnu().after('install', extra).before('build', extra),
      'two phases called "extra"',
    ],
    ['leaving one out without a reason', () => gnu().without('check', ' '), 'Say why'],
    [
      'an option that nobody reads',
      () => gnu({ configureFlag: [] } as never),
      'unknown field "configureFlag"',
    ],
    ['a phase without a script', () => gnu().after('install', { name: 'x' } as never), 'has no script'],
  ])('refuse %s', (_what, edit, message) => {
    expect(edit).toThrow(message)
  })
})

describe('sources', () => {
  test('take their name from the URL', () => {
    expect(fetchUrl({ url: 'https://example.org/x/a%20b.tar.gz?raw=1', hash: 'h' }).name).toBe('a_b.tar.gz')
    expect(unpackDeb(fetchUrl({ url: 'mirror://debian/pool/b_1.deb', hash: 'h' })).name).toBe('b_1')
  })

  test('lie beside the recipe when they are local', () => {
    expect(localFile('../fix.patch', 'channel/a/b.ts')).toMatchObject({
      path: 'channel/fix.patch',
      name: 'fix.patch',
    })
  })

  test.each<[string, () => unknown, string]>([
    ['no hash', () => fetchUrl({ url: 'https://example.org/a' } as never), 'needs a hash'],
    ['no URL', () => fetchTarball({ url: [], hash: 'h' }), 'needs a URL'],
    ['a URL of another kind', () => fetchUrl({ url: 'ftp://example.org/a', hash: 'h' }), 'needs a URL'],
    ['a local file outside', () => localFile('../../../x', 'channel/a.ts'), 'leaves the channel'],
  ])('refuse %s', (_what, make, message) => {
    expect(make).toThrow(message)
  })
})

describe('fetchGit', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567'
  const source = { url: 'https://example.org/some/tool.git', commit, hash: 'sha256-x' }

  test.each([
    [source.url, 'tool-0123456'],
    ['ssh://me@example.org/tool/', 'tool-0123456'],
    ['me@example.org:tool.git', 'tool-0123456'],
  ])('names the files of a commit of %s', (url, name) => {
    expect(fetchGit({ ...source, url })).toMatchObject({ type: 'git', urls: [url], submodules: false, name })
  })

  test.each<[string, object, string]>([
    ['an unknown field', { ...source, branch: 'main' }, 'unknown field "branch"'],
    ['a branch', { ...source, commit: 'main' }, 'the full id of a commit, not "main"'],
    ['no hash', { ...source, hash: undefined }, 'needs a hash, not undefined'],
    ['a path', { ...source, url: '/tmp/x' }, 'needs a URL'],
    ['an option as host', { ...source, url: 'ssh://-oProxyCommand=x/y' }, 'needs a URL'],
    ['a mirror', { ...source, url: [source.url, 'mirror://gnu/it'] }, 'cannot take "mirror://gnu/it"'],
    ['another transport', { ...source, url: 'ext::sh -c true' }, 'needs a URL'],
    ['a text as submodules', { ...source, submodules: 'yes' }, 'true or false as submodules'],
  ])('refuses %s', (_what, options, message) => {
    expect(() => fetchGit(options as typeof source)).toThrow(message)
  })
})
