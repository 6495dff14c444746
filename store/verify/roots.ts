import { listLinks } from '../gc/links.js'
import { listNamedRoots, listStrangers } from '../gc/roots.js'
import { formatStorePath } from '../path.js'
import { isValid } from '../query.js'
import type { Store } from '../store.js'
import type { Problem } from './problem.js'

/** Roots that keep nothing. */
export async function checkRoots(store: Store): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const { name, path } of await listNamedRoots(store)) {
    if (await isValid(store, path)) continue
    const detail = `it is a root for ${formatStorePath(path)}, which is not valid`
    problems.push({ kind: 'root', path: name, detail, remedy: `Remove it: store root remove ${name}` })
  }
  for (const name of await listStrangers(store)) {
    const remedy = 'It is none of ours: move it away'
    problems.push({ kind: 'root', path: name, detail: 'it lies among the roots and is none', remedy })
  }
  for (const { link, path } of await listLinks(store)) {
    if (path !== undefined && (await isValid(store, path))) continue
    const detail =
      path === undefined
        ? 'this out-link was moved, deleted, or made to point elsewhere'
        : `this out-link points to ${formatStorePath(path)}, which is not valid`
    const remedy = path === undefined ? 'Forget it: store gc' : `Delete it: rm ${link}`
    problems.push({ kind: 'root', path: link, detail, remedy })
  }
  return problems
}
