import { locateStore, openStore, type Store, type StoreOptions } from '../../store/index.js'

/** Opens the store that the variables choose for this user. */
export const openChosen = (
  env: NodeJS.ProcessEnv,
  { keeper, hasher }: Pick<StoreOptions, 'keeper' | 'hasher'>,
): Promise<Store> => {
  const layout = locateStore(env, process.getuid!())
  return openStore({ ...layout, keeper, hasher, optimises: env.STORE_OPTIMISE === '1' })
}
