import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { pack } from 'tar-stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { downloadsFolder } from '../../builder/index.js'
import { digestOf, formatDigest, parseDigest } from '../../store/index.js'
import { clonedStore, recipeFile } from '../support/cloned.js'
import { expectNoProcess } from '../support/leftovers.js'
import { makeRepository } from '../support/repository.js'
import { ordinaryUser, storeOf } from '../support/users.js'

const store = clonedStore()
const files = new Map<string, string>()
const asked: string[] = []
let server: Server
let base: string

beforeAll(async () => {
  server = createServer((request, response) => {
    const content = files.get(request.url!)
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
    asked.push(`${request.url} ${range ?? 'whole'}`)
    if (request.url!.startsWith('/silent')) return
    if (request.url === '/endless') response.writeHead(200, { 'content-length': 1e6 }).write('x'.repeat(1000))
    else if (content === undefined) response.writeHead(404, 'Not Found').end()
    else if (range !== undefined)
      response
        .writeHead(206, { 'content-range': `bytes ${range}-${content.length - 1}/${content.length}` })
        .end(content.slice(Number(range)))
    // It stops in the middle, for whoever asks for all of it.
    else if (request.url!.startsWith('/stalling'))
      response.writeHead(200, { 'content-length': content.length }).write(content.slice(0, 1000))
    else response.end(content)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const sha256 = (content: string) => digestOf('sha256', Buffer.from(content))

/** Writes a recipe that copies the file at `urls`. */
const writeRecipe = (urls: readonly string[], hash: string, kind = 'fetchUrl'): Promise<string> =>
  store.write(
    'fetch.ts',
    recipeFile(
      `export const it = make('it', sh\`cp "$source" "$out"\`, { source: ${kind}({ url: ${JSON.stringify(urls)}, hash: '${hash}' }) })`,
    ),
  )

const downloads = downloadsFolder(process.env, homedir(), process.getuid!() === 0)
const isCached = async (content: string): Promise<boolean> =>
  (await readdir(downloads).catch(() => [])).some(name => name.includes(sha256(content).hex))

test('a file that a server has is fetched, checked, and stays in the download cache', async () => {
  const content = randomUUID()
  files.set('/file.txt', content)
  await writeRecipe([`${base}/absent`, `${base}/file.txt`], formatDigest(sha256(content)))
  const { status, stdout, stderr } = await store.run(['build', './fetch.ts', '--events', 'events'])
  expect(status, stderr).toBe(0)
  expect(await readFile(join(store.path, stdout.trim()), 'utf8')).toBe(content)
  expect(stderr).toContain(`warning: ${base}/absent: the server answered 404 Not Found\n`)
  expect(await readFile(join(store.folder, 'events'), 'utf8')).toMatch(
    new RegExp(
      `"kind":"retrying","path":"[^"]+","url":"${base}/absent","reason":"the server answered 404 Not Found"}`,
    ),
  )
  expect(await isCached(content)).toBe(true)
  for (const name of await readdir(downloads))
    if (name.includes(sha256(content).hex)) await rm(join(downloads, name))
})

test('a dry run says how much would be downloaded, and downloads nothing', async () => {
  const content = randomUUID()
  files.set('/sized.txt', content)
  await writeRecipe([`${base}/absent`, `${base}/sized.txt`], formatDigest(sha256(content)))
  const { status, stdout, stderr } = await store.run(['build', '--dry-run', './fetch.ts'])
  expect(status, stderr).toBe(0)
  expect(stdout).toBe('build it-1\nfetch absent\n')
  expect(stderr).toContain('would download 36 B\n')
  expect(await isCached(content)).toBe(false)
  await writeRecipe([`${base}/nothing`], formatDigest(sha256(randomUUID())))
  const unknown = await store.run(['build', '--dry-run', '--json', './fetch.ts'])
  expect(unknown.stderr).toContain('would download a file of unknown size\n')
  expect(JSON.parse(unknown.stdout)).toMatchObject({ download: { bytes: 0, unknown: 1 } })
})

test('content with another hash is kept nowhere, and both hashes are shown', async () => {
  const content = randomUUID()
  files.set('/wrong.txt', content)
  const declared = formatDigest(sha256('other'))
  await writeRecipe([`${base}/wrong.txt`], declared)
  const { status, stdout, stderr } = await store.run(['build', './fetch.ts'])
  expect({ status, stdout }).toEqual({ status: 102, stdout: '' })
  const actual = formatDigest(sha256(content))
  expect(stderr).toContain(
    `error[HASH_MISMATCH]: Cannot accept "wrong.txt": expected ${declared}, got ${actual}\nhint: If the new content is intended, put hash: '${actual}' in the recipe\n`,
  )
  expect(await store.staged()).toEqual([])
  expect(await store.objects()).not.toContain('wrong.txt')
  expect(await isCached(content)).toBe(false)
})

test('each URL that cannot be read stands in the error with its cause', async () => {
  await writeRecipe(
    [`${base}/nothing`, 'http://127.0.0.1:1/refused', 'file:///no/such/file'],
    formatDigest(sha256(randomUUID())),
  )
  const { status, stderr } = await store.run(['build', './fetch.ts'])
  expect(status).toBe(1)
  expect(stderr).toContain('retrying http://127.0.0.1:1/refused in 2.0s: the connection was refused\n')
  expect(stderr.slice(stderr.indexOf('error['))).toMatch(
    new RegExp(`^error\\[FETCH_FAILED\\]: Cannot fetch "nothing" from any of its URLs:
  ${base}/nothing: the server answered 404 Not Found
  http://127\\.0\\.0\\.1:1/refused: the connection was refused
  file:///no/such/file: there is no such file
(  https://.*\n)?hint: .*STORE_SOURCES\nnot built because of that: it-1\n$`),
  )
})

test('STORE_SOURCES gives a file by its hash where no server can be reached', async () => {
  const content = randomUUID()
  await store.write('sources/offline.txt', content)
  await writeRecipe(['http://127.0.0.1:1/offline.txt'], formatDigest(sha256(content)))
  const env = { STORE_SOURCES: join(store.folder, 'sources') }
  const { status, stdout, stderr } = await store.run(['build', './fetch.ts'], { env })
  expect(status, stderr).toBe(0)
  expect(await readFile(join(store.path, stdout.trim()), 'utf8')).toBe(content)
})

test('mirrors of the user are asked, by name and by hash', async () => {
  const [named, hashed] = [randomUUID(), randomUUID()]
  files.set('/ours/dir/named.txt', named)
  files.set(`/by-hash/${sha256(hashed).hex}`, hashed)
  const mirrors = {
    format: 'mirrors-1',
    mirrors: { ours: [`${base}/absent`, `${base}/ours/`] },
    byHash: { sha256: [`${base}/by-hash/{hex}`] },
  }
  const env = { STORE_MIRRORS: await store.write('mirrors.json', JSON.stringify(mirrors)) }
  for (const [url, content] of [
    ['mirror://ours/dir/named.txt', named],
    [`${base}/gone`, hashed],
  ] as const) {
    await writeRecipe([url], formatDigest(sha256(content)))
    const { status, stdout, stderr } = await store.run(['build', './fetch.ts'], { env })
    expect(status, stderr).toBe(0)
    expect(await readFile(join(store.path, stdout.trim()), 'utf8')).toBe(content)
    await rm(join(downloads, `sha256-${sha256(content).hex}`))
  }
  await store.write('mirrors.json', '{}')
  expect(await store.run(['build', './fetch.ts'], { env })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^error\[BAD_MIRRORS_FILE\]: .*\nhint: README\.md .*\n$/),
  })
})

test('an archive with a member outside is refused before anything unpacks it', async () => {
  const archive = pack()
  archive.entry({ name: 'fine/file' }, 'fine')
  archive.entry({ name: '../../outside' }, 'evil')
  archive.finalize()
  await mkdir(store.folder, { recursive: true })
  const file = join(store.folder, 'escaping.tar')
  await pipeline(archive, createWriteStream(file))
  await writeRecipe(
    [`file://${file}`],
    formatDigest(digestOf('sha256', await readFile(file))),
    'fetchTarball',
  )
  const { status, stderr } = await store.run(['build', './fetch.ts'])
  expect(status).toBe(1)
  expect(stderr).toMatch(
    /error\[ARCHIVE_ESCAPES\]: Cannot accept "escaping\.tar": its member "\.\.\/\.\.\/outside" would be unpacked outside the source\nhint: .+\n/,
  )
  expect(await store.objects()).not.toContain('escaping.tar')
})

test('a zip is unpacked for builds whose programs cannot, and gives its time', async () => {
  const file = fileURLToPath(new URL('../golden/archives/folder.zip', import.meta.url))
  const hash = formatDigest(digestOf('sha256', await readFile(file)))
  await store.write(
    'zipped.ts',
    recipeFile(`export const it = recipe({
  name: 'zipped', version: '1', inputs: toolchain,
  source: fetchTarball({ url: 'file://${file}', hash: '${hash}' }),
  phases: copy({ files: { 'bin/tiny': 'bin/', README: './' } })
    .after('install', { name: 'date', script: () => sh\`echo $SOURCE_DATE_EPOCH > "$out"/date\` }),
})`),
  )
  const { status, stdout, stderr } = await store.run(['build', './zipped.ts'])
  expect(status, stderr).toBe(0)
  const output = join(store.path, stdout.trim())
  expect(await readFile(join(output, 'bin/tiny'), 'utf8')).toBe('#!/bin/sh\necho tiny\n')
  expect(await readFile(join(output, 'date'), 'utf8')).toBe(`${Date.parse('2015-06-07T08:09:10Z') / 1000}\n`)
  expect(await store.objects()).toEqual(expect.arrayContaining(['folder', 'folder.zip']))
})

test('the files of a commit are fetched by their hash, which the command prints', async () => {
  const repository = makeRepository(join(store.folder, 'origin'))
  const content = randomUUID()
  const commit = repository.commit({ '.gitattributes': '* eol=crlf\n', 'a.txt': `${content}\n` })
  const url = `file://${repository.folder}`
  const hashed = await store.run(['hash', '--commit', commit, url])
  expect(hashed.status, hashed.stderr).toBe(0)
  const ofMirror = await store.run(['hash', '--commit', commit, 'mirror://gnu/it'])
  expect(ofMirror.stderr).toMatch(
    /^error\[USAGE\]: "mirror:\/\/gnu\/it" names files, not a repository\nhint: /,
  )
  const hash = hashed.stdout.trim()
  await store.write(
    'git.ts',
    `import { fetchGit } from 'store/recipe'\n${recipeFile(
      `export const it = make('it', sh\`cp -r "$source" "$out"\`, { source: fetchGit({ url: '${url}', commit: '${commit}', hash: '${hash}' }) })`,
    )}`,
  )
  const { status, stdout, stderr } = await store.run(['build', './git.ts'])
  expect(status, stderr).toBe(0)
  expect(await readFile(join(store.path, stdout.trim(), 'a.txt'), 'utf8')).toBe(`${content}\n`)
  expect(await store.objects()).toContain(`origin-${commit.slice(0, 7)}`)
  const nar = (await readdir(downloads)).filter(name => name.includes(parseDigest(hash).hex))
  expect(nar).toHaveLength(1)
  await rm(join(downloads, nar[0]!))
})

const partOf = (content: string): string => join(downloads, `.part-sha256-${sha256(content).hex}`)

test.each(['SIGKILL', 'SIGINT'] as const)(
  'a command goes on with what one that got %s had fetched',
  async signal => {
    const content = randomUUID().repeat(100)
    const path = `/stalling-${signal}`
    files.set(path, content)
    await writeRecipe([`${base}${path}`], formatDigest(sha256(content)))
    await store.run(['build', './fetch.ts'], {
      onStart: async child => {
        while ((await stat(partOf(content)).catch(() => undefined))?.size !== 1000) await delay(20)
        child.kill(signal)
      },
    })
    const { status, stdout, stderr } = await store.run(['build', './fetch.ts'])
    expect(status, stderr).toBe(0)
    expect(await readFile(join(store.path, stdout.trim()), 'utf8')).toBe(content)
    expect(asked.filter(line => line.startsWith(path))).toEqual([`${path} whole`, `${path} 1000`])
    expect(await store.staged()).toEqual([])
    for (const name of await readdir(downloads))
      if (name.includes(sha256(content).hex)) await rm(join(downloads, name))
  },
)

test.each(['SIGKILL', 'SIGINT'] as const)('no git is left of a command that got %s', async signal => {
  const url = `${base}/silent-${signal}`
  const commit = '0'.repeat(40)
  const hash = formatDigest(sha256(randomUUID()))
  await store.write(
    'git.ts',
    `import { fetchGit } from 'store/recipe'\n${recipeFile(
      `export const it = make('it', sh\`true\`, { source: fetchGit({ url: '${url}', commit: '${commit}', hash: '${hash}' }) })`,
    )}`,
  )
  await store.run(['build', './git.ts'], {
    onStart: async child => {
      while (!asked.some(line => line.startsWith(`/silent-${signal}`))) await delay(20)
      child.kill(signal)
    },
  })
  await expectNoProcess(url)
})

test('an interrupted download ends at once and leaves nothing in the store', async () => {
  const wanted = randomUUID()
  await writeRecipe([`${base}/endless`], formatDigest(sha256(wanted)))
  let interrupted = 0
  const { status, stderr } = await store.run(['build', './fetch.ts'], {
    onStart: child =>
      child.stderr!.on('data', text => {
        if (!String(text).includes('fetching endless')) return
        setTimeout(() => {
          interrupted = performance.now()
          child.kill('SIGINT')
        }, 300)
      }),
  })
  expect(performance.now() - interrupted).toBeLessThan(3000)
  expect(status).toBe(130)
  expect(stderr).toMatch(/error\[INTERRUPTED\]: .+\nhint: .+\n$/)
  expect(await store.staged()).toEqual([])
  expect(await store.run(['build', 'hello'])).toMatchObject({ status: 0, stderr: '' })
  await rm(partOf(wanted), { force: true })
})

test('a download cache that cannot be written is only warned of', async () => {
  await using own = await storeOf(ordinaryUser)
  const content = randomUUID()
  files.set('/uncached.txt', content)
  const file = join(own.path, 'uncached.ts')
  // The build fails for want of a shell; what matters is that it was tried.
  await writeFile(
    file,
    recipeFile(
      `const source = fetchUrl({ url: '${base}/uncached.txt', hash: '${formatDigest(sha256(content))}' })
export const it = recipe({ name: 'it', version: '1', phases: trivial(sh\`true\`, { shell: text('/none') }), source })`,
    ),
  )
  const cache = join(own.path, 'cache')
  await mkdir(cache, { mode: 0o555 })
  const { stderr } = await own.run(['build', file], { env: { XDG_CACHE_HOME: cache } })
  expect(stderr).toMatch(/^warning: .*cache.*$/m)
  expect(stderr).toMatch(/^fetched uncached\.txt in /m)
  expect(stderr).toContain('error[BUILDER_NOT_EXECUTABLE]')
})
