import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseUserMirrors, readUserMirrors } from '../../../builder/fetch/user-mirrors.js'
import { mirrorsFile } from '../../../builder/settings.js'
import { scratch } from './support.js'

const text = `{
  "format": "mirrors-1",
  "mirrors": { "gnu": ["https://m.example/gnu/", "file:///srv/gnu"], "ours": [] },
  "byHash": { "sha256": ["http://m.example/{hex}"] }
}
`

test('reads the mirrors of a file, none of them without it', async () => {
  await using directory = await scratch()
  const file = join(directory.path, 'mirrors.json')
  expect(await readUserMirrors(file)).toEqual({ mirrors: {}, byHash: {} })
  await writeFile(file, text)
  expect(await readUserMirrors(file)).toEqual({
    mirrors: { gnu: ['https://m.example/gnu/', 'file:///srv/gnu'], ours: [] },
    byHash: { sha256: ['http://m.example/{hex}'] },
  })
})

test.each([
  ['', 'it is not a record in JSON'],
  ['[]', 'it is not a record in JSON'],
  ['{}', 'its format is undefined, not "mirrors-1"'],
  ['{"format":"mirrors-1","mirror":{}}', 'it has an unknown field "mirror"'],
  ['{"format":"mirrors-1","mirrors":[]}', '"mirrors" is not a record'],
  ['{"format":"mirrors-1","mirrors":{"a/b":[]}}', '"mirrors" has a wrong name "a/b"'],
  ['{"format":"mirrors-1","mirrors":{"gnu":"https://x/"}}', '"gnu" in "mirrors" is not a list'],
  ['{"format":"mirrors-1","mirrors":{"gnu":["ftp://x/"]}}', '"gnu" in "mirrors" has a wrong URL: "ftp://x/"'],
  ['{"format":"mirrors-1","mirrors":{"gnu":[1]}}', '"gnu" in "mirrors" has a wrong URL: 1'],
  [
    '{"format":"mirrors-1","mirrors":{"gnu":[["https://x/"]]}}',
    '"gnu" in "mirrors" has a wrong URL: ["https://x/"]',
  ],
  [
    '{"format":"mirrors-1","byHash":{"sha256":[["https://x/{hex}"]]}}',
    '"sha256" in "byHash" has a wrong URL: ["https://x/{hex}"]',
  ],
  ['{"format":"mirrors-1","byHash":{"md5":[]}}', '"byHash" has a wrong name "md5"'],
  [
    '{"format":"mirrors-1","byHash":{"sha256":["https://x/"]}}',
    '"sha256" in "byHash" has a wrong URL: "https://x/"',
  ],
])('refuses %s', (text, reason) => {
  expect(() => parseUserMirrors(text, '/m.json')).toThrow(
    expect.objectContaining({
      code: 'BAD_MIRRORS_FILE',
      message: `Cannot read the mirrors in "/m.json": ${reason}`,
    }),
  )
})

test.each([
  [{ STORE_MIRRORS: '/a/m.json', XDG_CONFIG_HOME: '/c' }, '/a/m.json'],
  [{ XDG_CONFIG_HOME: '/c', HOME: '/h' }, '/c/store/mirrors.json'],
  [{ XDG_CONFIG_HOME: 'c', HOME: '/h' }, '/h/.config/store/mirrors.json'],
])('lies where the variables say: %j', (env, file) => {
  expect(mirrorsFile(env)).toBe(file)
})
