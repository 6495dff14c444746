import { describe, expect, test } from 'vitest'
import { readSigned } from '../../../builder/channel/signed.js'

const SHORT = 'a'.repeat(40)
const LONG = 'a'.repeat(64)

const head = 'tree 1\nauthor A <a> 1 +0000\n'
const body = '\nWords\n\ngpgsig -----BEGIN SSH SIGNATURE-----\n'
const lines = (what: string): string => `-----BEGIN ${what}-----\nAAAA\n\nBBBB\n-----END ${what}-----\n`
const header = (name: string, what: string): string =>
  `${name} ${lines(what).slice(0, -1).replaceAll('\n', '\n ')}\n`
const read = (commit: string, text: string) => readSigned(commit, Buffer.from(text, 'latin1'))

describe('the signature of a commit', () => {
  test.each([
    [SHORT, 'gpgsig', 'SSH SIGNATURE', 'ssh'],
    [SHORT, 'gpgsig', 'PGP SIGNATURE', 'openpgp'],
    [LONG, 'gpgsig-sha256', 'SSH SIGNATURE', 'ssh'],
    [LONG, 'gpgsig-sha256', 'PGP MESSAGE', 'openpgp'],
  ])('is, for an id like %s, that of %s: %s', (commit, name, what, kind) => {
    const text = `${head}${header(name, what)}encoding \xff\n${body}`
    expect(read(commit, text)).toEqual({
      kind,
      signature: lines(what),
      payload: Buffer.from(`${head}encoding \xff\n${body}`, 'latin1'),
    })
  })

  const [ssh, pgp] = [header('gpgsig', 'SSH SIGNATURE'), header('gpgsig', 'PGP SIGNATURE')]
  const other = header('gpgsig-sha256', 'SSH SIGNATURE')
  test.each([
    ['of both hashes', SHORT, other + pgp, 'several signatures'],
    ['of both hashes, the other way round', SHORT, pgp + other, 'several signatures'],
    ['of two signers', SHORT, ssh + ssh, 'several signatures'],
    ['of another hash', SHORT, other, 'another hash'],
    ['of another hash, too', LONG, ssh, 'another hash'],
    ['of another kind', SHORT, header('gpgsig', 'SIGNED MESSAGE'), 'neither by ssh nor by OpenPGP'],
    ['that is in its words, or in a field of another name', SHORT, ` ${ssh}x${ssh}`, 'it is not signed'],
  ])('is none if it is one %s', (_what, commit, fields, problem) => {
    expect(read(commit, `${head}${fields}${body}`)).toEqual({ problem: expect.stringContaining(problem) })
  })
})
