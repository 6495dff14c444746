import { locateStore, openStore, type Store, type StoreOptions } from '../../store/index.js'

/** Opens the store that the variables choose for this user. */
export const openChosen = (
  env: NodeJS.ProcessEnv,
  { keeper, hashThread }: Pick<StoreOptions, 'keeper' | 'hashThread'>,
): Promise<Store> => {
  const layout = locateStore(env, process.getuid!())
  return openStore({ ...layout, keeper, hashThread, optimises: env.STORE_OPTIMISE === '1' })
}
