import type { ChannelConfig } from './config.js'
import { NotSigned } from './errors.js'
import { git, lastLine } from './git.js'
import { readObjects } from './objects.js'
import type { Repository } from './repository.js'
import { readSigned } from './signed.js'
import { findSshProblem } from './ssh.js'

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
  const problem = await findProblem(channel, folder, commit)
  if (problem !== undefined) throw new NotSigned(channel.name, commit, problem)
}

async function findProblem(
  { signers, fingerprints }: ChannelConfig,
  folder: string,
  commit: string,
): Promise<string | undefined> {
  const [object] = await readObjects(folder, [commit])
  const signed = readSigned(commit, object!.content)
  if ('problem' in signed) return signed.problem
  if (signed.kind === 'ssh')
    return signers === undefined
      ? 'it is signed by ssh, and the channel names OpenPGP keys'
      : findSshProblem(signers, { folder, commit, signed })
  return fingerprints === undefined
    ? 'it is signed by OpenPGP, and the channel names ssh keys'
    : findOpenPgpProblem(fingerprints, folder, commit)
}

/** What gpg reports of a signature that is not good, by the names in its DETAILS; the key's id or fingerprint follows. */
const refusals: readonly (readonly [status: string, reason: (key: string) => string])[] = [
  ['BADSIG', key => `the signature of the key ${key} is that of something else`],
  ['NO_PUBKEY', key => `the key ${key} is not in your keyring`],
  ['REVKEYSIG', key => `the key ${key} was revoked`],
  ['EXPKEYSIG', key => `the key ${key} has expired`],
  ['EXPSIG', () => 'the signature has expired'],
]

async function findOpenPgpProblem(
  fingerprints: readonly string[],
  folder: string,
  commit: string,
): Promise<string | undefined> {
  const { status, stderr } = await git(folder, ['verify-commit', '--raw', commit])
  for (const [name, reason] of refusals) {
    const key = new RegExp(`^\\[GNUPG:\\] ${name} (\\S+)`, 'm').exec(stderr)?.[1]
    if (key !== undefined) return reason(key)
  }
  const [, key = '', primary = ''] = /^\[GNUPG:\] VALIDSIG (\S+)(?: \S+)* (\S+)$/m.exec(stderr) ?? []
  if (status !== 0 || key === '') return `gpg does not accept the signature: ${lastLine(stderr)}`
  return fingerprints.includes(key) || fingerprints.includes(primary) ? undefined : `its key is ${key}`
}
