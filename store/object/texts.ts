import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compareBytes } from '../canonical.js'
import type { Provenance } from '../db/info.js'
import { digestOf } from '../digest.js'
import { writing } from '../failure.js'
import { lockAll } from '../lock.js'
import { encodeStrings, MAGIC } from '../nar/format.js'
import type { StorePath } from '../path.js'
import { filterValid } from '../query.js'
import type { Store } from '../store.js'
import { canonicalise } from './canonicalise.js'
import { commitObjects } from './commit.js'
import type { TreeScan } from './scan.js'

/** A small file that becomes an object. Its maker names it, and says what it refers to. */
export interface Text {
  readonly path: StorePath
  readonly content: Uint8Array | string
  readonly references: Iterable<StorePath>
  readonly provenance?: Provenance
}

/**
 * Adds many small files with one commit. References among them are allowed. No collection takes them, nor what they
 * refer to, while the store is open.
 */
export async function addTexts(store: Store, texts: readonly Text[]): Promise<void> {
  const paths = texts.map(({ path }) => path)
  await store.keepAlive([...paths, ...texts.flatMap(({ references }) => [...references])])
  const valid = await filterValid(store, paths)
  const fresh = new Map(texts.filter(({ path }) => !valid.has(path)).map(text => [text.path, text]))
  if (fresh.size > 0) await addFresh(store, [...fresh.values()])
}

async function addFresh(store: Store, texts: readonly Text[]): Promise<void> {
  await using stage = await store.stage()
  const directory = stage.directory
  await writing(directory, async () => {
    for (const { path, content } of texts) writeFileSync(join(directory, path), content, { mode: 0o644 })
    await canonicalise(store, directory)
    chmodSync(directory, 0o700)
  })
  await using _locks = await lockAll(
    store,
    texts.map(({ path }) => path),
  )
  await commitObjects(
    store,
    texts.map(text => ({
      path: text.path,
      staged: join(directory, text.path),
      scan: describe(text),
      provenance: text.provenance,
    })),
  )
}

function describe({ content, references }: Text): TreeScan {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const nar = encodeStrings(MAGIC, '(', 'type', 'regular', 'contents', bytes, ')')
  return {
    narHash: digestOf('blake3', nar),
    narSize: nar.length,
    references: [...new Set(references)].sort(compareBytes),
    unknown: [],
  }
}
