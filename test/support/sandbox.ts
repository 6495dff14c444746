import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { chown, copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Exit, type ProgramCounts, runSandbox } from '../../builder/sandbox/run.js'
import type { SandboxSpec } from '../../builder/sandbox/spec.js'
import { parseStorePath } from '../../store/index.js'
import { temporaryDirectory } from './store.js'

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export const sandboxProgram = file('../../dist/native/sandbox')

/** Compiles a C program of the tests' own. */
export function compile(target: string, sources: readonly string[], flags: readonly string[] = []): string {
  const options = ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-O1']
  const paths = sources.map(source => file(`../../${source}`))
  execFileSync(process.env.CC ?? 'cc', [...options, ...flags, '-o', target, ...paths])
  return target
}

/** Ids that nobody has: a build's host user, and an ordinary user to run the helper as. */
export const BUILD_USER = { uid: 872_415_999, gid: 872_415_999 }
const ORDINARY = { uid: 61_234, gid: 61_234 }

/** Who starts a sandbox: root, whose builds have a host user of their own, or an ordinary user. */
export type Caller = 'root' | 'an ordinary user'

/** Those this run of the tests can be; as an ordinary user there is no way to be root. */
export const callers: readonly Caller[] =
  process.getuid!() === 0 ? ['root', 'an ordinary user'] : ['an ordinary user']

/** A place for sandboxes: the programs, inputs to bind, and a staging area for each build. */
export interface Workshop extends AsyncDisposable {
  readonly directory: string
  readonly walls: string
  /** What runs `sandbox` as this caller would; the id of node stays its parent's. */
  helperOf(caller: Caller): string
}

/** The store paths of a workshop's objects. */
export const WALLS = parseStorePath('00000000000000000000000000000001-walls')
export const TREE = parseStorePath('00000000000000000000000000000002-tree')
export const LINK = parseStorePath('00000000000000000000000000000003-link')
export const OUT = parseStorePath('00000000000000000000000000000004-out')

const asUser = `
int main(int argc, char **argv)
{
	(void)argc;
	if (setgroups(0, 0) || setresgid(ID, ID, ID) || setresuid(ID, ID, ID))
		return 1;
	execv(PROGRAM, argv);
	return 1;
}
`

export async function makeWorkshop(): Promise<Workshop> {
  const temporary = await temporaryDirectory()
  const directory = temporary.path
  chmodSync(directory, 0o755)
  const walls = compile(join(directory, 'walls'), ['test/native/walls.c'], ['-static'])
  mkdirSync(join(directory, 'tree'))
  writeFileSync(join(directory, 'tree/file'), 'input\n')
  execFileSync('ln', ['-s', `/store/${TREE}/file`, join(directory, 'link')])
  await writeFile(join(directory, 'as-user.c'), `#include <unistd.h>\n#include <grp.h>\n${asUser}`)
  const copy = join(directory, 'sandbox')
  await copyFile(sandboxProgram, copy)
  const wrapper = join(directory, 'as-user')
  execFileSync(process.env.CC ?? 'cc', [
    '-D_GNU_SOURCE',
    `-DID=${ORDINARY.uid}`,
    `-DPROGRAM="${copy}"`,
    ...['-o', wrapper, join(directory, 'as-user.c')],
  ])
  // What an ordinary user's store is: its own files, which it could change but for the sandbox.
  execFileSync('chmod', ['-R', 'a+rX', directory])
  return {
    ...temporary,
    directory,
    walls,
    helperOf: caller => (caller === 'root' || process.getuid!() !== 0 ? copy : wrapper),
  }
}

export interface Attempt extends Partial<Omit<SandboxSpec, 'staging'>> {
  readonly caller: Caller
  readonly helper?: string
  readonly signal?: AbortSignal
  readonly onOutput?: (chunk: Buffer) => void | Promise<void>
}

export interface Result {
  readonly exit: Exit
  readonly counts: readonly ProgramCounts[]
  readonly ended: readonly string[]
  readonly output: string
  readonly lines: readonly string[]
  readonly staging: string
}

/** Makes a staging area as the store would for this caller. */
export async function makeStaging(workshop: Workshop, caller: Caller): Promise<string> {
  const staging = await mkdtemp(join(workshop.directory, 'staging-'))
  if (caller !== 'root' && process.getuid!() === 0) await chown(staging, ORDINARY.uid, ORDINARY.gid)
  return staging
}

/** Runs `walls` in a sandbox; commands are separated by "--". */
export async function askWalls(workshop: Workshop, args: string, attempt: Attempt): Promise<Result> {
  const { caller, helper = workshop.helperOf(caller), signal, onOutput, ...rest } = attempt
  const staging = await makeStaging(workshop, caller)
  const chunks: Buffer[] = []
  const { exit, counts, ended } = await runSandbox(
    {
      staging,
      inputs: [{ path: WALLS, host: workshop.walls }],
      builder: `/store/${WALLS}`,
      args: args.split(' '),
      env: new Map(),
      user: 'root',
      hostUser: caller === 'root' ? BUILD_USER : undefined,
      shell: undefined,
      tracer: undefined,
      ...rest,
    },
    {
      helper,
      onOutput: onOutput ?? (chunk => void chunks.push(chunk)),
      ...(signal ? { signal } : {}),
    },
  )
  const output = Buffer.concat(chunks).toString()
  return { exit, counts, ended, output, lines: output.split('\n').slice(0, -1), staging }
}

/** A tree, a symlink to a file of it, and the program that looks at them. */
export const someInputs = (workshop: Workshop): SandboxSpec['inputs'] => [
  { path: WALLS, host: workshop.walls },
  { path: TREE, host: join(workshop.directory, 'tree') },
  { path: LINK, host: join(workshop.directory, 'link') },
]

/** The same tree, owned by the user the helper runs as, so that only the sandbox protects it. */
export async function ownTree(workshop: Workshop, caller: Caller): Promise<string> {
  const tree = await mkdtemp(join(workshop.directory, 'own-'))
  await mkdir(join(tree, 'directory'))
  await writeFile(join(tree, 'file'), 'input\n')
  if (process.getuid!() === 0) {
    const { uid, gid } = caller === 'root' ? BUILD_USER : ORDINARY
    for (const path of [tree, join(tree, 'directory'), join(tree, 'file')]) await chown(path, uid, gid)
  }
  chmodSync(tree, 0o755)
  return tree
}
