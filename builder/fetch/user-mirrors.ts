import { StoreError } from '../../store/index.js'
import { parseJson, readSettings } from '../settings.js'
import { type MirrorTable, noMirrors, type UserMirrors } from './mirrors.js'

const FORMAT = 'mirrors-1'

export class BadMirrorsFile extends StoreError {
  readonly code = 'BAD_MIRRORS_FILE'

  constructor(file: string, reason: string) {
    super(`Cannot read the mirrors in "${file}": ${reason}`, {
      hint: 'README.md describes the file; without it there are the mirrors of this host and the public ones',
    })
  }
}

/** The mirrors of `file`; none without it. */
export async function readUserMirrors(file: string): Promise<UserMirrors> {
  const text = await readSettings(file)
  return text === undefined ? noMirrors : parseUserMirrors(text, file)
}

export function parseUserMirrors(text: string, file: string): UserMirrors {
  const fail = (reason: string): never => {
    throw new BadMirrorsFile(file, reason)
  }
  const value = parseJson(text) ?? fail('it is not a record in JSON')
  if (value.format !== FORMAT) fail(`its format is ${JSON.stringify(value.format)}, not "${FORMAT}"`)
  const { format: _format, mirrors = {}, byHash = {}, ...others } = value
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) fail(`it has an unknown field "${unknown}"`)
  const read = (field: string, table: unknown, isName: RegExp, isUrl: RegExp): MirrorTable => {
    if (typeof table !== 'object' || table === null || Array.isArray(table))
      return fail(`"${field}" is not a record`)
    for (const [name, urls] of Object.entries(table)) {
      if (!isName.test(name)) fail(`"${field}" has a wrong name "${name}"`)
      if (!Array.isArray(urls)) fail(`"${name}" in "${field}" is not a list`)
      for (const url of urls)
        if (typeof url !== 'string' || !isUrl.test(url) || !URL.canParse(url))
          fail(`"${name}" in "${field}" has a wrong URL: ${JSON.stringify(url)}`)
    }
    return table as MirrorTable
  }
  return {
    mirrors: read('mirrors', mirrors, /^[a-z0-9][a-z0-9._-]*$/i, /^(https?|file):\/\/[^?#]+$/),
    byHash: read('byHash', byHash, /^(sha256|sha512|blake3)$/, /^(https?|file):\/\/.*\{hex\}/),
  }
}
