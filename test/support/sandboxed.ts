import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { builtFile } from './built.js'
import { BUILD_USER, type Caller, makeStaging, WALLS, type Workshop } from './sandbox.js'

const folder = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const program = `
  import { runSandbox } from './builder/sandbox/run.js'
  const [spec, helper] = process.argv.slice(2)
  await runSandbox({ ...JSON.parse(spec), env: new Map() }, { helper, onOutput: () => undefined })
`

/** Starts a build of `walls` in a Node process of its own, which waits for it until it is killed. */
export async function startBuild(workshop: Workshop, caller: Caller, args: string): Promise<ChildProcess> {
  const outfile = builtFile(`caller-${process.pid}.mjs`)
  await build({
    stdin: { contents: program, resolveDir: folder('../..'), loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
  })
  const spec = {
    staging: await makeStaging(workshop, caller),
    inputs: [{ path: WALLS, host: workshop.walls }],
    builder: `/store/${WALLS}`,
    args: args.split(' '),
    user: 'root',
    hostUser: caller === 'root' ? BUILD_USER : undefined,
  }
  return spawn(process.execPath, [outfile, JSON.stringify(spec), workshop.helperOf(caller)], {
    stdio: 'inherit',
  })
}
