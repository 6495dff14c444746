import { fileURLToPath } from 'node:url'

const folder = new URL('../.built/', import.meta.url)

/**
 * Where a program of the tests is built: in the tree, in which it finds its packages, but not in `dist`, a change of
 * which makes a command forget what it remembers.
 */
export const builtFile = (name: string): string => fileURLToPath(new URL(name, folder))
