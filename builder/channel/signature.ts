import { stat } from 'node:fs/promises'
import type { ChannelConfig } from './config.js'
import { NotSigned } from './errors.js'
import { git, lastLine } from './git.js'
import type { Repository } from './repository.js'

/** Whether commits of the channel must be signed. */
export const namesKeys = ({ signers, fingerprints }: ChannelConfig): boolean =>
  signers !== undefined || fingerprints !== undefined

/** Refuses a commit that no key signed which the channel names. A channel that names none takes any. */
export async function requireSignature(
  channel: ChannelConfig,
  { folder }: Repository,
  commit: string,
): Promise<void> {
  if (!namesKeys(channel)) return
  const header = (await git(folder, ['cat-file', 'commit', commit])).stdout
    .toString('latin1')
    .split('\n\n')[0]!
  const kind = /^gpgsig(?:-sha256)? -----BEGIN (SSH|PGP) /m.exec(header)?.[1]
  const find = kind === 'SSH' ? findSshProblem : kind === 'PGP' ? findOpenPgpProblem : undefined
  const problem = find ? await find(channel, folder, commit) : 'it is not signed'
  if (problem !== undefined) throw new NotSigned(channel.name, commit, problem)
}

type FindProblem = (channel: ChannelConfig, folder: string, commit: string) => Promise<string | undefined>

const findSshProblem: FindProblem = async ({ signers }, folder, commit) => {
  if (signers === undefined) return 'it is signed by ssh, and the channel names OpenPGP keys'
  if (!(await stat(signers).catch(() => undefined))) return `the file "${signers}" is missing`
  const settings = [`gpg.ssh.allowedSignersFile=${signers}`]
  const { status, stderr } = await git(folder, ['verify-commit', commit], { settings })
  return status === 0 ? undefined : lastLine(stderr)
}

/** What gpg reports of a signature that is not good, by the names in its DETAILS; the key's id or fingerprint follows. */
const refusals: readonly (readonly [status: string, reason: (key: string) => string])[] = [
  ['BADSIG', key => `the signature of the key ${key} is that of something else`],
  ['NO_PUBKEY', key => `the key ${key} is not in your keyring`],
  ['REVKEYSIG', key => `the key ${key} was revoked`],
  ['EXPKEYSIG', key => `the key ${key} has expired`],
  ['EXPSIG', () => 'the signature has expired'],
]

const findOpenPgpProblem: FindProblem = async ({ fingerprints }, folder, commit) => {
  if (fingerprints === undefined) return 'it is signed by OpenPGP, and the channel names ssh keys'
  const { status, stderr } = await git(folder, ['verify-commit', '--raw', commit])
  for (const [name, reason] of refusals) {
    const key = new RegExp(`^\\[GNUPG:\\] ${name} (\\S+)`, 'm').exec(stderr)?.[1]
    if (key !== undefined) return reason(key)
  }
  const [, key = '', primary = ''] = /^\[GNUPG:\] VALIDSIG (\S+)(?: \S+)* (\S+)$/m.exec(stderr) ?? []
  if (status !== 0 || key === '') return `gpg does not accept the signature: ${lastLine(stderr)}`
  return fingerprints.includes(key) || fingerprints.includes(primary) ? undefined : `its key is ${key}`
}
