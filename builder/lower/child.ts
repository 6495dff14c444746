import { readFileSync, writeSync } from 'node:fs'
import { createContext, Script } from 'node:vm'
import { BUNDLE, type Evaluated, type Request, TIMEOUT } from './protocol.js'

/** A recipe sees no clock, no randomness and no locale: the same channel gives the same derivations. */
const prelude = `
  const refuse = what => () => { throw new TypeError('a recipe cannot use ' + what) }
  globalThis.Date = new Proxy(function Date() {}, { get: refuse('the clock'), apply: refuse('the clock'), construct: refuse('the clock') })
  Math.random = refuse('randomness')
  for (const name of ['performance', 'Intl', 'WeakRef', 'FinalizationRegistry', 'Atomics', 'SharedArrayBuffer', 'WebAssembly'])
    delete globalThis[name]
`

const limits = { timeout: TIMEOUT }

/** Text goes in, text comes out: nothing of Node is handed in. */
function evaluate({ code, expression }: Request): Evaluated {
  const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } })
  try {
    new Script(prelude).runInContext(context)
    new Script(code, { filename: BUNDLE }).runInContext(context, limits)
    return { emission: String(new Script(expression).runInContext(context, limits)) }
  } catch (error) {
    return { error: readError(error) }
  }
}

/** What can be told of a value that a recipe threw, which may do anything when it is looked at. */
function readError(error: unknown): Extract<Evaluated, { error: unknown }>['error'] {
  const attempt = (read: () => unknown): string | undefined => {
    try {
      const value = read()
      return typeof value === 'string' ? value.slice(0, 10_000) : undefined
    } catch {
      return undefined
    }
  }
  const field = (key: string): string | undefined =>
    typeof error === 'object' && error !== null ? attempt(() => Reflect.get(error, key)) : undefined
  return {
    name: field('name') ?? 'a value',
    message: field('message') ?? attempt(() => String(error)) ?? 'it cannot even be printed',
    stack: field('stack'),
    hint: field('hint'),
    code: field('code'),
  }
}

const answer = Buffer.from(JSON.stringify(evaluate(JSON.parse(readFileSync(0, 'utf8')))))
for (let done = 0; done < answer.length; ) done += writeSync(1, answer, done)
// What recipes left behind to be done later is not done.
process.exit(0)
