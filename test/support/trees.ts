import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'

/** A file tree as a value. Names and targets are bytes, or strings for their UTF-8. */
export type Tree =
  | { readonly kind: 'file'; readonly content: Uint8Array | string; readonly executable: boolean }
  | { readonly kind: 'symlink'; readonly target: Uint8Array | string }
  | { readonly kind: 'directory'; readonly entries: readonly (readonly [Uint8Array | string, Tree])[] }

export const file = (content: Uint8Array | string): Tree => ({ kind: 'file', content, executable: false })
export const program = (content: Uint8Array | string): Tree => ({ kind: 'file', content, executable: true })
export const symlink = (target: Uint8Array | string): Tree => ({ kind: 'symlink', target })
export const directory = (entries: Readonly<Record<string, Tree>> = {}): Tree => ({
  kind: 'directory',
  entries: Object.entries(entries),
})

/** Writes `tree` to `path`, which must not exist. */
export function writeTree(path: Uint8Array | string, tree: Tree): void {
  const place = Buffer.from(path as Uint8Array)
  if (tree.kind === 'file') {
    writeFileSync(place, tree.content, { flag: 'wx' })
    if (tree.executable) chmodSync(place, 0o755)
  } else if (tree.kind === 'symlink') {
    symlinkSync(Buffer.from(tree.target as Uint8Array), place)
  } else {
    mkdirSync(place)
    for (const [name, entry] of tree.entries)
      writeTree(Buffer.concat([place, Buffer.from('/'), Buffer.from(name as Uint8Array)]), entry)
  }
}

/** The trees whose archives, as Nix writes them, lie in test/golden/nar. */
export const goldenTrees: Readonly<Record<string, Tree>> = {
  regular: file('hello, world\n'),
  executable: program('#!/bin/sh\nexit 0\n'),
  empty: file(''),
  symlink: symlink('/store/nowhere'),
  'empty-directory': directory(),
  nested: directory({
    empty: directory({ deeper: directory({ deepest: directory() }) }),
    'empty-program': program(''),
    exactly8: file('12345678'),
    large: file('0123456789abcdef'.repeat(300)),
    link: symlink('empty/deeper'),
    nul: file('a\0b\0'),
  }),
  order: directory({
    a: file('1'),
    'a-b': file('2'),
    'a.b': file('3'),
    a0: directory({ x: file('4') }),
    ab: file('5'),
    B: file('6'),
  }),
  names: {
    kind: 'directory',
    entries: [
      ['-dash', file('1')],
      ['.hidden', file('2')],
      ['with space', file('3')],
      ['new\nline', file('4')],
      ['back\\slash"quote', file('5')],
      ['größe-日本語', file('6')],
      ['\u{1d4b3}', file('after U+FF5E by bytes, before it by UTF-16')],
      ['\uff5e', file('7')],
      [Buffer.from('latin1-\xe9\xff', 'latin1'), file('a name that is not UTF-8')],
      ['link', symlink(Buffer.from('\xe9\xff', 'latin1'))],
    ],
  },
}
