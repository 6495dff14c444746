import { makeKeeper } from '../../store/keeper.js'
import { keeperProgram } from '../support/store.js'

/** Removes a tree, whatever the modes of its directories. */
export async function removeTree(path: string): Promise<void> {
  await using keeper = makeKeeper(keeperProgram)
  await keeper.remove(path)
}
