import { chmodSync, lstatSync, renameSync, utimesSync } from 'node:fs'
import { writing } from '../failure.js'
import type { StorePath } from '../path.js'
import { isValid, NoSuchObject } from '../query.js'
import type { Store } from '../store.js'

/**
 * Puts the settled tree at `staged` in the place of a valid object whose files are missing or altered, at one instant.
 * What was there is at `staged` afterwards. A program that has files of the old tree open keeps those.
 */
export async function replaceObject(store: Store, path: StorePath, staged: string): Promise<void> {
  await store.keepAlive([path])
  await using _lock = await store.lock(path)
  if (!(await isValid(store, path))) throw new NoSuchObject(path)
  const place = store.locate(path)
  await writing(store.objects, async () => {
    const old = lstatSync(place, { throwIfNoEntry: false })
    const isDirectory = lstatSync(staged).isDirectory()
    if (isDirectory) chmodSync(staged, 0o755)
    if (old) {
      if (old.isDirectory()) chmodSync(place, 0o755)
      await store.keeper.exchange(staged, place)
    } else renameSync(staged, place)
    if (isDirectory) {
      chmodSync(place, 0o555)
      utimesSync(place, 1, 1)
    }
    await store.keeper.sync(store.objects)
  })
  await store.database.mark({ remove: { optimised: [path] } })
}
