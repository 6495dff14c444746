/**
 * Makes of the language one for recipes: without clock, randomness, locale and the text of functions, in which esbuild
 * renames what collides. The same channel then gives the same derivations.
 *
 * What is left is of V8 and can differ between versions of Node: what the language has that is new, the words of its own
 * errors, which also show what was renamed, the Unicode that `normalize`, `\p{...}` and `toUpperCase` know, the last digit
 * that `Math.pow` and its like give, and how deep calls may go. CHANNELS.md tells users.
 */
const LANGUAGE = `{
  const refuse = what => () => { throw new TypeError('a recipe cannot use ' + what) }
  globalThis.Date = new Proxy(function Date() {}, { get: refuse('the clock'), apply: refuse('the clock'), construct: refuse('the clock') })
  Math.random = refuse('randomness')
  for (const name of ['performance', 'Intl', 'Temporal', 'WeakRef', 'FinalizationRegistry', 'Atomics', 'SharedArrayBuffer', 'WebAssembly'])
    delete globalThis[name]
  for (const name of ['localeCompare', 'toLocaleLowerCase', 'toLocaleUpperCase'])
    String.prototype[name] = refuse('a locale')
  for (const type of [Number, BigInt, Array, Object.getPrototypeOf(Int8Array)])
    type.prototype.toLocaleString = refuse('a locale')
  Function.prototype.toString = refuse('the text of a function')
}`

/** Without a number as its limit V8 keeps no stack at all: it would tell where programs lie, and what else is bundled. */
const NO_STACKS = `Object.defineProperty(Error, 'stackTraceLimit', { get: () => undefined, set: () => undefined })`

/** What runs in a new context before recipes whose emission counts. */
export const PRELUDE = [LANGUAGE, NO_STACKS]

/** The same for recipes that are run to find out where they fail. */
export const SEARCH_PRELUDE = [LANGUAGE]
