// Builds everything under dist/: the bundled command, the recipe library with its types, and the C programs.
// `npm install` runs it; it needs nothing but the installed packages and a C compiler.
import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { directImports } from './doors.mjs'

const root = fileURLToPath(new URL('.', import.meta.url))
process.chdir(root)

const cflags = ['-std=c11', '-O2', '-g', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE']

/** The C programs, each compiled from all .c files of its folders. */
const programs = [
  { name: 'keeper', folders: ['store/native'] },
  {
    name: 'sandbox',
    folders: ['builder/native', 'builder/native/tracer'],
    flags: [`-DSHIM_IMAGE="${root}dist/native/shim.bin"`],
  },
]

/** Packages that bring files of their own: programs and native code. All others are bundled, which starts faster. */
const notBundled = ['@napi-rs/blake-hash', 'classic-level', 'esbuild', 'typescript']

/** Ends the installation with one sentence and a next step. */
function give(problem, hint) {
  process.stderr.write(`error: ${problem}\nhint: ${hint}\n`)
  process.exit(1)
}

/** Runs a program; its output is shown only when it fails. */
function run(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8' })
  if (result.status !== 0) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`)
  return result
}

function checkMachine() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (process.platform !== 'linux')
    give(
      `"store" runs on Linux only, this is ${process.platform}`,
      'use a Linux machine or a virtual machine',
    )
  if (process.arch !== 'x64')
    give(
      `"store" builds on x86-64 only, this is ${process.arch}`,
      'use such a machine; its tracer speaks no other code',
    )
  if (major < 20 || (major === 20 && minor < 19))
    give(`Node ${process.versions.node} is too old`, 'install Node 20.19 or newer')
}

async function compilePrograms() {
  const cc = process.env.CC ?? 'cc'
  if (spawnSync(cc, ['--version']).error) {
    give(
      `No C compiler found: "${cc}" does not run`,
      'install one (Debian: apt-get install gcc libc6-dev; Fedora: dnf install gcc) and run npm install again',
    )
  }
  const failed = what =>
    give(
      `"${cc}" could not compile ${what}`,
      "the compiler says why above; the C library's headers are needed too (Debian: libc6-dev)",
    )
  if (run('sh', ['builder/native/build-shim.sh', 'dist/native']).status !== 0) failed('builder/native/shim')
  for (const { name, folders, flags = [] } of programs) {
    const sources = (await Promise.all(folders.map(sourcesOf))).flat()
    // Written beside and renamed, so that a running program is never overwritten.
    const result = run(cc, [...cflags, ...flags, '-o', `dist/native/${name}.new`, ...sources])
    if (result.status !== 0) failed(folders[0])
    await rename(`dist/native/${name}.new`, `dist/native/${name}`)
  }
}

const sourcesOf = async folder =>
  (await readdir(folder)).filter(file => file.endsWith('.c')).map(file => `${folder}/${file}`)

async function compileTypeScript() {
  const tsc = run(process.execPath, ['node_modules/typescript/bin/tsc'])
  if (tsc.status !== 0) give('The TypeScript sources do not compile', 'the compiler says why above')
  const { build } = await import('esbuild').catch(() =>
    give('esbuild is not installed', 'run npm install without --omit=optional'),
  )
  const common = { bundle: true, format: 'esm', target: 'node20', logLevel: 'error', sourcemap: true }
  const built = await build({
    ...common,
    metafile: true,
    entryPoints: { store: 'cli/main.ts' },
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    platform: 'node',
    external: notBundled,
    plugins: [directImports],
    // What is bundled may be CommonJS that asks for Node's own modules.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'\nconst require = makeRequire(import.meta.url)",
    },
  })
  await build({
    ...common,
    entryPoints: { recipe: 'builder/recipe/index.ts' },
    outdir: 'dist',
    platform: 'neutral',
  })
  await build({
    ...common,
    entryPoints: { evaluate: 'builder/lower/child.ts' },
    outdir: 'dist',
    platform: 'node',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    sourcemap: false,
  })
  await chmod('dist/store.js', 0o755)
  await removeOldChunks(built.metafile.outputs)
}

/** Has the command write its completion once, from the table of all commands, which take long to load. */
async function writeCompletion() {
  await rm('dist/completion', { recursive: true, force: true })
  const scripts = ['bash', 'zsh', 'fish'].map(shell => {
    const { status, stdout } = run(process.execPath, ['dist/store.js', 'completion', shell])
    if (status !== 0) give('The built command does not run', 'it says why above')
    return [shell, stdout]
  })
  await mkdir('dist/completion.new', { recursive: true })
  for (const [shell, text] of scripts) await writeFile(`dist/completion.new/${shell}`, text)
  await rename('dist/completion.new', 'dist/completion')
}

/** Removes what earlier builds left, but not what a command that still runs may load. */
async function removeOldChunks(outputs) {
  const anHourAgo = Date.now() - 3_600_000
  for (const name of await readdir('dist/chunks')) {
    const file = `dist/chunks/${name}`
    if (!(file in outputs) && (await stat(file)).mtimeMs < anHourAgo) await rm(file)
  }
}

checkMachine()
await mkdir('dist/native', { recursive: true })
await compilePrograms()
await compileTypeScript()
await writeCompletion()
