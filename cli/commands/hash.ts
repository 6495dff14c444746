import { createReadStream } from 'node:fs'
import { lstat, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  type Algorithm,
  type Digest,
  formatDigest,
  hashTree,
  makeHasher,
  reading,
} from '../../store/index.js'
import { type Arguments, defineCommand } from '../command.js'
import type { Context } from '../context.js'
import { Usage } from '../errors.js'

const algorithms: readonly string[] = ['sha256', 'sha512', 'blake3'] satisfies readonly Algorithm[]

export const command = defineCommand({
  usage: 'hash FILE|DIR|URL',
  describe: 'Print a hash as a recipe wants it: of the bytes of a file or URL, of the NAR of a folder',
  examples: [
    ['store hash hello-2.10.tar.gz', 'a file that was downloaded'],
    ['store hash mirror://gnu/hello/hello-2.10.tar.gz', 'a file that was not'],
    ['store hash --type blake3 ./folder', 'a folder'],
    ['store hash --commit 1a2b... https://example.org/x.git', 'for fetchGit'],
  ],
  words: [1, 1],
  options: {
    type: { type: 'string', describe: 'sha256 (the default), sha512 or blake3' },
    commit: { type: 'string', describe: 'Hash the files of a commit of the git repository' },
    submodules: { type: 'boolean', describe: 'With --commit: those of its submodules, too' },
    nar: { type: 'boolean', describe: 'Hash the NAR of a file, not its bytes' },
  },
  async run(context, args) {
    const text = args.words[0]!
    if (args.text('commit') !== undefined) return { hash: await hashCommit(context, text, args) }
    const type = args.text('type') ?? 'sha256'
    if (!algorithms.includes(type))
      throw new Usage(`There is no hash "${type}"`, { hint: `Known are ${algorithms.join(', ')}` })
    return { hash: formatDigest(await hash(context, text, type as Algorithm, args.flag('nar'))) }
  },
  print: ({ hash }) => [hash],
})

async function hash(context: Context, text: string, algorithm: Algorithm, nar: boolean): Promise<Digest> {
  if (/^(https?|mirror|file):\/\//.test(text)) {
    if (nar)
      throw new Usage('--nar is for files and folders', {
        hint: 'Leave it out: a fetched file is hashed as it is',
      })
    const { hashUrl } = await import('../../builder/index.js')
    return hashUrl(text, algorithm, { ...(await context.fetching()), signal: context.signal })
  }
  const { signal } = context
  const path = resolve(context.cwd, text)
  const found = await lstat(path).catch(() => {
    throw new Usage(`There is no file "${text}"`, {
      hint: 'URLs start with https://, http://, file:// or mirror://',
    })
  })
  return await reading(path, async () => {
    if (nar || !found.isFile()) return (await hashTree(path, algorithm, signal)).narHash
    const hasher = makeHasher(algorithm)
    for await (const chunk of createReadStream(path, { signal })) hasher.update(chunk)
    return hasher.digest()
  })
}

async function hashCommit(context: Context, url: string, args: Arguments): Promise<string> {
  const commit = args.text('commit')!
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit))
    throw new Usage(`"${commit}" is not the full id of a commit`, {
      hint: `Print what branches and tags are with: git ls-remote ${url}`,
    })
  if (/^mirror:/i.test(url))
    throw new Usage(`"${url}" names files, not a repository`, {
      hint: "Give the repository's own URL; git's setting url.BASE.insteadOf puts a mirror in its place",
    })
  const { hashGit } = await import('../../builder/index.js')
  const scratch = await mkdtemp(join(tmpdir(), 'store-hash-'))
  try {
    return await hashGit(
      { url, commit, submodules: args.flag('submodules') },
      { scratch, signal: context.signal, sandbox: context.programs.sandbox },
    )
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
