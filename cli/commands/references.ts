import { readInfo } from '../../store/index.js'
import { pathQuery } from '../queries.js'

export const command = pathQuery(
  {
    name: 'references',
    describe: 'List what an object refers to',
    meaning: 'the objects whose paths it contains',
  },
  async (store, path) => (await readInfo(store, path)).references,
)
