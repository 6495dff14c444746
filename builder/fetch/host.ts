import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compareBytes } from '../../store/index.js'
import type { MirrorTable } from './mirrors.js'

/** Where the host's own configuration of mirrors is looked for. */
export interface HostPlaces {
  /** apt's configuration, normally `/etc/apt`. */
  readonly apt: string
  readonly home: string
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** The mirrors this host is configured to use, for `mirror://debian` and `mirror://npm`. What is absent is left out. */
export async function readHostMirrors({ apt, home, variables }: HostPlaces): Promise<MirrorTable> {
  const debian = debianFirst(await readAptUris(apt))
  const npmrc = await readIfThere(join(home, '.npmrc'))
  const registry =
    variables.npm_config_registry || variables.NPM_CONFIG_REGISTRY || parseNpmRegistry(npmrc, variables)
  return {
    ...(debian.length > 0 && { debian }),
    ...(registry && /^https?:\/\//.test(registry) && { npm: [registry] }),
  }
}

/** The addresses in a one-line-style list (`deb [options] URI suite component...`) that offer `main`. */
export function parseAptList(text: string): readonly string[] {
  return text.split('\n').flatMap(line => {
    const match = /^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s+)?(\S+)\s+\S+([^#]*)/.exec(line)
    return match && words(match[2]!).includes('main') ? [match[1]!] : []
  })
}

/** The addresses in a deb822-style file (stanzas of `Field: values`) that offer `main` and are not switched off. */
export function parseAptSources(text: string): readonly string[] {
  const lines = text.split('\n').filter(line => !line.startsWith('#'))
  return lines
    .join('\n')
    .split(/\n\s*\n/)
    .flatMap(stanza => {
      const fields = new Map<string, string>()
      for (const [, name, value] of stanza.matchAll(/^([^\s:]+):((?:.*)(?:\n[ \t].*)*)/gm))
        fields.set(name!.toLowerCase(), value!)
      const enabled = !/^\s*(no|false|without|off|disable|0)\s*$/i.test(fields.get('enabled') ?? '')
      return enabled && words(fields.get('components')).includes('main') ? words(fields.get('uris')) : []
    })
}

/** The `registry` of an npmrc file; `${NAME}` stands for a variable, as npm reads it. */
export function parseNpmRegistry(
  text: string,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const value = /^\s*registry\s*=\s*["']?([^\s"']+)/m.exec(text)?.[1]
  return value?.replace(/\$\{([^}]+)\}/g, (all, name: string) => variables[name] ?? all)
}

async function readAptUris(apt: string): Promise<readonly string[]> {
  const folder = join(apt, 'sources.list.d')
  const names = (await readdir(folder).catch(() => [])).sort(compareBytes)
  const lists = [
    join(apt, 'sources.list'),
    ...names.filter(name => name.endsWith('.list')).map(name => join(folder, name)),
  ]
  const stanzas = names.filter(name => name.endsWith('.sources')).map(name => join(folder, name))
  const uris = [
    ...(await Promise.all(stanzas.map(async path => parseAptSources(await readIfThere(path))))),
    ...(await Promise.all(lists.map(async path => parseAptList(await readIfThere(path))))),
  ].flat()
  return [...new Set(uris.filter(uri => /^(https?:\/\/|file:\/)/.test(uri)).map(asFileUrl))]
}

/** A file that cannot be read tells nothing about mirrors. */
const readIfThere = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

/** apt's `file:/srv/debian` as the URL `file:///srv/debian`. */
const asFileUrl = (uri: string): string => uri.replace(/^file:\/+/, 'file:///')

/** Archives of other projects, which also have a `main`, are asked after those that say they are Debian's. */
const debianFirst = (uris: readonly string[]): readonly string[] => [
  ...uris.filter(isDebian),
  ...uris.filter(uri => !isDebian(uri)),
]

const isDebian = (uri: string): boolean => /\/debian/.test(uri)

const words = (text: string | undefined): readonly string[] =>
  (text ?? '').split(/\s+/).filter(word => word !== '')
