import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { reading, systemCode } from '../store/index.js'

type Variables = Readonly<Record<string, string | undefined>>

/** `STORE_CHANNELS`, or `store/channels.json` in the user's folder of settings. */
export const channelsFile = (env: Variables): string => settingsFile(env, env.STORE_CHANNELS, 'channels.json')

/** `STORE_MIRRORS`, or `store/mirrors.json` in the user's folder of settings. */
export const mirrorsFile = (env: Variables): string => settingsFile(env, env.STORE_MIRRORS, 'mirrors.json')

function settingsFile(env: Variables, chosen: string | undefined, name: string): string {
  if (chosen) return resolve(chosen)
  const folder = env.XDG_CONFIG_HOME?.startsWith('/')
    ? env.XDG_CONFIG_HOME
    : join(env.HOME || homedir(), '.config')
  return join(folder, 'store', name)
}

/** A folder of settings that this user may not enter, as after `sudo -u`, has none of this user's. */
const absent: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EACCES'])

/** The text of a file of settings, if there is one. */
export const readSettings = (file: string): Promise<string | undefined> =>
  reading(file, () =>
    readFile(file, 'utf8').catch(error => {
      if (absent.has(systemCode(error))) return undefined
      throw error
    }),
  )

export function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}
