import { homedir } from 'node:os'
import {
  type Builder,
  downloadsFolder,
  makeDownloadCache,
  makeMirrors,
  mirrorsFile,
  proxyFrom,
  readHostMirrors,
  readUserMirrors,
} from '../../builder/index.js'

/** How this user's files are fetched: the mirrors, the proxies, and the cache. */
export async function readFetching(env: NodeJS.ProcessEnv): Promise<Builder['fetching']> {
  const home = homedir()
  const { resolve, lastResort } = makeMirrors({
    user: await readUserMirrors(mirrorsFile(env)),
    host: await readHostMirrors({ apt: '/etc/apt', home, variables: env }),
  })
  const folder = downloadsFolder(env, home, process.getuid!() === 0)
  return {
    resolve,
    lastResort,
    cache: makeDownloadCache({ folder, sources: env.STORE_SOURCES }),
    findProxy: proxyFrom(env),
  }
}
