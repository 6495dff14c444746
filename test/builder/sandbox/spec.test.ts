import { expect, test } from 'vitest'
import { encodeSpec, type SandboxSpec } from '../../../builder/sandbox/spec.js'
import { LINK, TREE } from '../../support/sandbox.js'

const aSpec = (changes: Partial<SandboxSpec> = {}): SandboxSpec => ({
  staging: '/var/lib/store/staging/1',
  inputs: [
    { path: TREE, host: `/store/${TREE}` },
    { path: LINK, host: `/store/${LINK}` },
  ],
  builder: `/store/${TREE}/bin/sh`,
  args: ['-e', 'a\nscript', ''],
  env: new Map([
    ['HOME', '/homeless-shelter'],
    ['empty', ''],
    ['equation', 'a=b'],
  ]),
  user: 'root',
  hostUser: { uid: 872_415_232, gid: 872_415_232 },
  shell: `/store/${TREE}/bin/sh`,
  tracer: new Map([['epoch', '1000000000']]),
  ...changes,
})

test('writes the bytes in golden/sandbox.spec', async () => {
  const text = encodeSpec(aSpec()).toString().replaceAll('\0', '\\0\n')
  await expect(text).toMatchFileSnapshot('../../golden/sandbox.spec')
})

test('leaves out what a build does not have', () => {
  const bytes = encodeSpec(aSpec({ hostUser: undefined, shell: undefined })).toString()
  expect(bytes).not.toContain('host-user')
  expect(bytes).not.toContain('\0shell\0')
})

test('refuses a NUL, which would start another operation', () => {
  expect(() => encodeSpec(aSpec({ args: ['x\0env\0A=1'] }))).toThrow('NUL')
})
