import { stat } from 'node:fs/promises'
import type { ChannelConfig } from './config.js'
import { NotSigned } from './errors.js'
import { git, lastLine } from './git.js'
import type { Repository } from './repository.js'

/** Refuses a commit that no key signed which the channel names. A channel that names none takes any. */
export async function requireSignature(
  channel: ChannelConfig,
  { folder }: Repository,
  commit: string,
): Promise<void> {
  const { name, signers, fingerprints } = channel
  if (signers === undefined && fingerprints === undefined) return
  const fail = (reason: string): never => {
    throw new NotSigned(name, commit, reason)
  }
  const header = (await git(folder, ['cat-file', 'commit', commit])).stdout
    .toString('latin1')
    .split('\n\n')[0]!
  const signature = /^gpgsig(?:-sha256)? -----BEGIN (SSH|PGP) /m.exec(header)?.[1]
  if (signature === undefined) return fail('it is not signed')
  if (signature === 'SSH') {
    if (signers === undefined) return fail('it is signed by ssh, and the channel names OpenPGP keys')
    if (!(await stat(signers).catch(() => undefined))) return fail(`the file "${signers}" is missing`)
    const settings = [`gpg.ssh.allowedSignersFile=${signers}`]
    const { status, stderr } = await git(folder, ['verify-commit', commit], { settings })
    return status === 0 ? undefined : fail(lastLine(stderr))
  }
  if (fingerprints === undefined) return fail('it is signed by OpenPGP, and the channel names ssh keys')
  const { status, stderr } = await git(folder, ['verify-commit', '--raw', commit])
  const valid = /^\[GNUPG:\] VALIDSIG (\S+)(?: \S+)* (\S+)$/m.exec(stderr)
  if (status !== 0 || !valid) return fail('gpg does not accept the signature')
  if (!fingerprints.includes(valid[1]!) && !fingerprints.includes(valid[2]!)) fail(`its key is ${valid[1]}`)
}
