import type { PathInfo, Provenance, Store, StorePath } from '../../store/index.js'
import { isBetterOrigin, mayHaveBetterOrigin } from '../channel/origin.js'
import type { Target } from '../plan/plan.js'

/**
 * Tells anew where valid outputs come from, if that is known better than when they were registered: what was built of
 * changes may be in a commit since. `lookUp` is asked only if so. Records change at one instant, and none comes back that
 * is gone.
 */
export async function describeAnew(
  { database }: Pick<Store, 'database'>,
  targets: readonly Target[],
  lookUp: () => Promise<ReadonlyMap<StorePath, Provenance>>,
): Promise<void> {
  const derivers = new Map(
    targets.flatMap(({ lowered }) =>
      [...lowered.outputs.values()].map(path => [path, lowered.path] as const),
    ),
  )
  const infos = await database.findInfos([...derivers.keys()])
  if (!infos.some(info => info && mayHaveBetterOrigin(info.provenance))) return
  const origins = await lookUp()
  const improve = (infos: readonly (PathInfo | undefined)[]): readonly PathInfo[] =>
    infos.flatMap(info => {
      const provenance = info && origins.get(derivers.get(info.path)!)
      return provenance && isBetterOrigin(provenance, info.provenance) ? [{ ...info, provenance }] : []
    })
  const paths = improve(infos).map(({ path }) => path)
  if (paths.length > 0) await database.change(async valid => ({ add: improve(await valid.findInfos(paths)) }))
}
