/** The signature of a commit, and what it is of: all of the commit but that. */
export interface Signed {
  readonly kind: 'ssh' | 'openpgp'
  readonly signature: string
  readonly payload: Buffer
}

/** What the lines of a signature begin with, by its kind. */
const armors: readonly (readonly [kind: Signed['kind'], first: RegExp])[] = [
  ['ssh', /^-----BEGIN SSH SIGNATURE-----\n/],
  ['openpgp', /^-----BEGIN PGP (?:SIGNATURE|MESSAGE)-----\n/],
]

/**
 * The signature that git verifies of a commit, or why there is none. git reads the header that is called after the
 * repository's hash alone, and leaves out every other one: a commit with several may say different things to different
 * readers.
 */
export function readSigned(commit: string, content: Buffer): Signed | { readonly problem: string } {
  const text = content.toString('latin1')
  const [head, body] = cutAt(text, text.indexOf('\n\n') + 1 || text.length)
  const fields = head.match(/[^\n]*\n(?: [^\n]*\n)*/g) ?? []
  const found = fields.filter(field => field.startsWith('gpgsig'))
  if (found.length > 1) return { problem: 'it has several signatures' }
  const header = commit.length === 64 ? 'gpgsig-sha256 ' : 'gpgsig '
  const [field] = found
  if (field === undefined) return { problem: 'it is not signed' }
  if (!field.startsWith(header)) return { problem: 'its signature is for a repository of another hash' }
  const signature = field.slice(header.length).replaceAll('\n ', '\n')
  const kind = armors.find(([, first]) => first.test(signature))?.[0]
  if (kind === undefined) return { problem: 'it is signed neither by ssh nor by OpenPGP' }
  const rest = fields.filter(other => other !== field).join('') + body
  return { kind, signature, payload: Buffer.from(rest, 'latin1') }
}

const cutAt = (text: string, at: number): readonly [string, string] => [text.slice(0, at), text.slice(at)]
