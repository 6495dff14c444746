// Builds everything under dist/: the bundled command, the recipe library with its types, and the C programs.
// `npm install` runs it; it needs nothing but the installed packages and a C compiler.
import { spawnSync } from 'node:child_process'
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { directImports } from './doors.mjs'
import { lazyModules } from './lazy.mjs'

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
const notBundled = ['@napi-rs/blake-hash', 'esbuild', 'typescript']

/** An esbuild plugin: of the database's package all but its native code is bundled. */
const nativeBinding = {
  name: 'native-binding',
  setup(build) {
    build.onResolve({ filter: /^\.\/binding$/ }, ({ resolveDir }) =>
      resolveDir.endsWith('/node_modules/classic-level')
        ? { path: 'classic-level/binding.js', external: true }
        : undefined,
    )
  },
}

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
  const common = { bundle: true, target: 'node20', logLevel: 'error', outdir: 'dist' }
  await build({
    ...common,
    format: 'esm',
    entryPoints: { recipe: 'builder/recipe/index.ts' },
    platform: 'neutral',
    sourcemap: true,
  })
  // V8 knows its code for a file by little more than the length of it.
  await rm('dist/command.code', { force: true })
  const program = { ...common, format: 'cjs', platform: 'node', outExtension: { '.js': '.cjs' } }
  await build({ ...program, entryPoints: { evaluate: 'builder/lower/child.ts' } })
  await build({ ...program, entryPoints: { hash: 'store/verify/thread.ts' }, external: notBundled })
  await build({ ...program, entryPoints: { store: 'cli/start.ts' } })
  // What a command does not need of this file is never run, nor even compiled.
  await build({
    ...program,
    entryPoints: { command: 'cli/main.ts' },
    external: notBundled,
    supported: { 'dynamic-import': false },
    plugins: [directImports, lazyModules, nativeBinding],
  })
  await chmod('dist/store.cjs', 0o755)
}

/** Writes what the command need not make again at each start: its code as V8 compiles it, and its completion. */
async function writePrepared() {
  const { load } = createRequire(import.meta.url)('./dist/store.cjs')
  const { program, compiled } = load()
  const scripts = await program.completions()
  await mkdir('dist/completion', { recursive: true })
  for (const [shell, text] of Object.entries(scripts))
    await writeFile(`dist/completion/${shell}`, `${text}\n`)
  await writeFile('dist/command.code', compiled())
}

checkMachine()
await mkdir('dist/native', { recursive: true })
await compilePrograms()
await compileTypeScript()
await writePrepared()
