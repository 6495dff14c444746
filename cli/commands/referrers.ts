import { listReferrers } from '../../store/index.js'
import { pathQuery } from '../queries.js'

export const command = pathQuery(
  {
    name: 'referrers',
    describe: 'List what refers to an object',
    meaning: 'the objects that contain its path',
  },
  listReferrers,
)
