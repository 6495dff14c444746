// An esbuild plugin: modules that take milliseconds to load are loaded when something of them is first used.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** They bring native code, or much of Node with them, and most commands need them late or never. */
const slow = /^(@napi-rs\/blake-hash|node:(child_process|crypto))$/

/** A module with the same exports as `path`, each of which loads it. */
const standIn = path =>
  [
    'let loaded',
    `const load = () => (loaded ??= require(${JSON.stringify(path)}))`,
    ...Object.keys(require(path)).map(
      name => `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => load().${name} })`,
    ),
  ].join('\n')

export const lazyModules = {
  name: 'lazy-modules',
  setup(build) {
    build.onResolve({ filter: slow }, ({ path, namespace }) =>
      namespace === 'lazy' ? { path, external: true } : { path, namespace: 'lazy' },
    )
    build.onLoad({ filter: slow, namespace: 'lazy' }, ({ path }) => ({ contents: standIn(path) }))
  },
}
