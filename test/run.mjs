// Bundles a program of the tests, which is TypeScript, and runs it: node test/run.mjs FOLDER [ARGS...]
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const [folder] = process.argv.splice(2, 1)
// As deep in the tree as the supports of the tests, which find the program from where they lie.
const outfile = `${root}/test/.built/${folder}.js`
await build({
  entryPoints: [`${root}/test/${folder}/main.ts`],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'error',
})
await import(outfile)
