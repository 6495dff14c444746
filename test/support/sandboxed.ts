import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { encodeSpec } from '../../builder/sandbox/spec.js'
import { BUILD_USER, type Caller, makeStaging, WALLS, type Workshop } from './sandbox.js'

/** Starts a build in a Node process of its own, which waits for it until it is killed. */
export async function startBuild(workshop: Workshop, caller: Caller, args: string): Promise<ChildProcess> {
  const program = join(workshop.directory, `caller-${process.pid}.mjs`)
  const run = fileURLToPath(new URL('../../builder/sandbox/run.ts', import.meta.url))
  await build({
    stdin: {
      contents: `
        import { runSandbox } from ${JSON.stringify(run)}
        const spec = JSON.parse(process.argv[2])
        await runSandbox({ ...spec, env: new Map() }, { helper: process.argv[3], onOutput: () => undefined })`,
      resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
    },
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
    external: ['@napi-rs/*', 'level'],
    alias: {},
  })
  const staging = await makeStaging(workshop, caller)
  const spec = {
    staging,
    inputs: [{ path: WALLS, host: workshop.walls }],
    builder: `/store/${WALLS}`,
    args: args.split(' '),
    user: 'root' as const,
    hostUser: caller === 'root' ? BUILD_USER : undefined,
  }
  // What cannot be encoded cannot be run either; better told here.
  encodeSpec({ ...spec, env: new Map(), shell: undefined })
  return spawn(process.execPath, [program, JSON.stringify(spec), workshop.helperOf(caller)], {
    stdio: 'inherit',
  })
}
