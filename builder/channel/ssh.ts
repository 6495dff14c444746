import { stat } from 'node:fs/promises'
import { git, lastLine } from './git.js'

/**
 * Why a commit is not signed by a key of the file `signers`, or `undefined`. That git takes a commit is not enough: it has
 * to say that it was ssh that signed it.
 */
export async function findSshProblem(
  signers: string,
  folder: string,
  commit: string,
): Promise<string | undefined> {
  if (!(await stat(signers).catch(() => undefined))) return `the file "${signers}" is missing`
  const settings = [`gpg.ssh.allowedSignersFile=${signers}`]
  const { status, stderr } = await git(folder, ['verify-commit', '--raw', commit], { settings })
  if (status !== 0) return lastLine(stderr)
  return GOOD.test(stderr) ? undefined : 'git does not say that its ssh signature is good'
}

/** What ssh-keygen says, alone or run by git, of a signature of a key that the file has. */
const GOOD = /^Good "git" signature for .+ with \S+ key \S+$/m
