import { locateStore, openStore, type Store } from '../../store/index.js'

/** Opens the store that the variables choose for this user. */
export const openChosen = (env: NodeJS.ProcessEnv, keeper: string): Promise<Store> =>
  openStore({ ...locateStore(env, process.getuid!()), keeper, optimises: env.STORE_OPTIMISE === '1' })
