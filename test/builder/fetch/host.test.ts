import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  parseAptList,
  parseAptSources,
  parseNpmRegistry,
  readHostMirrors,
} from '../../../builder/fetch/host.js'
import { scratch } from './support.js'

test("reads the lines of apt's list that offer main", () => {
  const list = `# deb http://commented.example/debian stable main
deb http://one.example/debian bookworm main contrib # a remark with main
deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] https://two.example/debian bookworm main
deb-src http://three.example/debian bookworm contrib main
deb http://four.example/debian bookworm non-free # main
deb file:/srv/debian bookworm main
deb http://five.example/flat ./
  deb\thttp://six.example/debian\tsid\tmain`
  expect(parseAptList(list)).toEqual([
    'http://one.example/debian',
    'https://two.example/debian',
    'http://three.example/debian',
    'file:/srv/debian',
    'http://six.example/debian',
  ])
})

test('reads the stanzas of a deb822 file that offer main and are not switched off', () => {
  const sources = `# A remark: Components: main

Types: deb deb-src
URIs: http://one.example/debian
# http://commented.example/debian
  https://two.example/debian
Suites: bookworm bookworm-updates
Components: contrib
  main

types: deb
uris: http://three.example/debian
suites: sid
components: main
Enabled: no

Types: deb
URIs: http://four.example/debian
Suites: sid
Components: non-free
`
  expect(parseAptSources(sources)).toEqual(['http://one.example/debian', 'https://two.example/debian'])
})

test.each([
  ['registry=https://r.example/npm/\n', 'https://r.example/npm/'],
  [
    '; registry=https://no.example\n@scope:registry=https://no.example\n registry = "https://r.example"\n',
    'https://r.example',
  ],
  ['registry=https://${HOST}/npm', 'https://r.example/npm'],
  ['fund=false\n', undefined],
])("reads npm's registry from %j", (text, registry) => {
  expect(parseNpmRegistry(text, { HOST: 'r.example' })).toBe(registry)
})

test("finds the host's own mirrors, those that say they are Debian's first", async () => {
  await using directory = await scratch()
  const apt = join(directory.path, 'apt')
  await mkdir(join(apt, 'sources.list.d'), { recursive: true })
  await writeFile(
    join(apt, 'sources.list'),
    'deb file:/srv/debian bookworm main\ndeb cdrom:[x]/ bookworm main\n',
  )
  const stanza = (uri: string): string => `Types: deb\nURIs: ${uri}\nSuites: s\nComponents: main\n`
  await writeFile(join(apt, 'sources.list.d/a.sources'), stanza('https://tool.example/apt'))
  await writeFile(join(apt, 'sources.list.d/b.sources'), stanza('http://m.example/debian file:///srv/debian'))
  await writeFile(join(apt, 'sources.list.d/c.disabled'), stanza('http://off.example/debian'))
  await writeFile(join(directory.path, '.npmrc'), 'registry=https://r.example/\n')
  expect(await readHostMirrors({ apt, home: directory.path, variables: {} })).toEqual({
    debian: ['http://m.example/debian', 'file:///srv/debian', 'https://tool.example/apt'],
    npm: ['https://r.example/'],
  })
  const variables = { npm_config_registry: 'https://v.example/' }
  expect((await readHostMirrors({ apt, home: directory.path, variables })).npm).toEqual([
    'https://v.example/',
  ])
})

test('finds nothing on a host that has nothing', async () => {
  expect(await readHostMirrors({ apt: '/nowhere', home: '/nowhere', variables: {} })).toEqual({})
})
