// Bundles the benches, which are TypeScript, and runs them.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
await build({
  entryPoints: [`${root}/test/bench/main.ts`],
  // As deep in the tree as the supports of the tests, which find the program from where they lie.
  outfile: `${root}/dist/bench/main.js`,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'error',
})
await import(`${root}/dist/bench/main.js`)
