// Brings debs.json up to date with Debian 12:
//
//   node recipes/seed/refresh.mjs [MIRROR]
//
// MIRROR is the URL of a Debian mirror; without it, the mirrors of this machine's apt are tried. Reads the
// index of bookworm's main packages and rewrites version, path, size and sha256 of each package in debs.json;
// prints what changed. The index comes from the mirror as it is: the change is to be reviewed, and built,
// before it is committed. Every change renames all that is built with the toolchain.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'

const INDEX = 'dists/bookworm/main/binary-amd64/Packages.gz'

/** The Debian mirrors that apt uses, in the order of its files; archives of security fixes are no mirrors. */
async function mirrorsOfApt() {
  const folder = '/etc/apt/sources.list.d'
  const names = await readdir(folder).catch(() => [])
  const files = ['/etc/apt/sources.list', ...names.sort().map(name => `${folder}/${name}`)]
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8').catch(() => '')))
  const lines = texts.join('\n').match(/^(?:URIs:|deb\s).*$/gm) ?? []
  return lines.flatMap(line => line.match(/https?:\/\/\S+/g) ?? []).filter(url => !url.includes('security'))
}

async function fetchIndex(mirrors) {
  for (const mirror of mirrors) {
    const url = `${mirror.replace(/\/$/, '')}/${INDEX}`
    const response = await fetch(url).catch(error => ({ ok: false, statusText: error.message }))
    if (response.ok) return gunzipSync(Buffer.from(await response.arrayBuffer())).toString()
    console.error(`${url}: ${response.statusText}`)
  }
  console.error('error: No mirror has the index\nhint: give the URL of a Debian mirror as the argument')
  process.exit(1)
}

/** The fields of every package: a paragraph each, a field a line; lines of a longer field start with a blank. */
function readIndex(text) {
  const paragraphs = text.split('\n\n').map(paragraph => {
    const lines = paragraph.split('\n').filter(line => /^[^\s:]+: /.test(line))
    return Object.fromEntries(lines.map(line => line.split(/: (.*)/s)))
  })
  return new Map(paragraphs.map(fields => [fields.Package, fields]))
}

const file = new URL('debs.json', import.meta.url)
const pins = JSON.parse(await readFile(file, 'utf8'))
const index = readIndex(await fetchIndex(process.argv[2] ? [process.argv[2]] : await mirrorsOfApt()))

const missing = Object.keys(pins).filter(name => !index.has(name))
if (missing.length > 0) {
  console.error(`error: The index lacks ${missing.join(', ')}\nhint: nothing was changed`)
  process.exit(1)
}

const updated = Object.fromEntries(
  Object.keys(pins).map(name => {
    const { Version: version, Filename: path, Size: size, SHA256: sha256 } = index.get(name)
    return [name, { version, path, size: Number(size), sha256 }]
  }),
)
for (const [name, { version, sha256 }] of Object.entries(updated)) {
  if (sha256 !== pins[name].sha256) console.log(`${name}: ${pins[name].version} -> ${version}`)
}
await writeFile(file, `${JSON.stringify(updated, null, 2)}\n`)
