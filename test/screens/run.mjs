// Bundles what records the screens, which is TypeScript, and runs it.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
await build({
  entryPoints: [`${root}/test/screens/main.ts`],
  // As deep in the tree as the supports of the tests, which find the program from where they lie.
  outfile: `${root}/dist/screens/main.js`,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'error',
})
await import(`${root}/dist/screens/main.js`)
