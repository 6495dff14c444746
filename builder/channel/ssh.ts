import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git, lastLine } from './git.js'
import { type Ran, run } from './run.js'
import type { Signed } from './signed.js'

/** A commit that claims to be signed by ssh, in a repository. */
export interface SignedBySsh {
  readonly folder: string
  readonly commit: string
  readonly signed: Signed
}

/**
 * Why a commit is not signed by a key of the file `signers` that is good today, or `undefined`. git, which knows the
 * revoked keys of the user's settings, is asked first; it takes the date that the signer wrote for today's.
 */
export async function findSshProblem(
  signers: string,
  { folder, commit, signed }: SignedBySsh,
): Promise<string | undefined> {
  if (!(await stat(signers).catch(() => undefined))) return `the file "${signers}" is missing`
  const settings = [`gpg.ssh.allowedSignersFile=${signers}`]
  const { status, stderr } = await git(folder, ['verify-commit', '--raw', commit], { settings })
  if (status !== 0) return explain(stderr)
  if (!GOOD.test(stderr)) return 'git does not say that its ssh signature is good'
  return findProblemToday(signers, signed)
}

/** What ssh-keygen says, alone or run by git, of a signature of a key that the file has. */
const GOOD = /^Good "git" signature for .+ with \S+ key \S+$/m

/** Verifies by the clock, which ssh-keygen reads where it is told no time. */
async function findProblemToday(
  signers: string,
  { signature, payload }: Signed,
): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'store-signature-'))
  try {
    const file = join(folder, 'signature')
    await writeFile(file, signature)
    const verify = (what: readonly string[], input: string | Buffer) =>
      sshKeygen(['-Y', ...what, '-s', file, '-f', signers], input)
    const principals = await verify(['find-principals'], '')
    let problem = explain(principals.stderr)
    if (principals.status !== 0) return problem
    for (const principal of principals.stdout.toString().split('\n').filter(Boolean)) {
      const { status, stdout, stderr } = await verify(['verify', '-n', 'git', '-I', principal], payload)
      if (status === 0 && GOOD.test(stdout.toString())) return undefined
      problem = explain(stderr)
    }
    return problem
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const explain = (stderr: string): string =>
  /\bkey has expired\b/.test(stderr)
    ? 'its key has expired'
    : /\bkey is not yet valid\b/.test(stderr)
      ? 'its key is not good yet'
      : lastLine(stderr)

/** Runs ssh-keygen. That it cannot be started is an answer, too: there is nobody who calls the signature good. */
const sshKeygen = (args: readonly string[], input: string | Buffer): Promise<Ran> =>
  run('ssh-keygen', args, { env: { ...process.env, LC_ALL: 'C' }, input }).catch(({ message }: Error) => ({
    status: 1,
    stdout: Buffer.alloc(0),
    stderr: `cannot run ssh-keygen: ${message}`,
  }))
