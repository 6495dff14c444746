import { readFileSync, writeSync } from 'node:fs'
import { createContext, Script } from 'node:vm'
import { BUNDLE, type Evaluated, encodeAnswer, LONGEST, type Request } from './protocol.js'
import { describeThrown } from './thrown.js'

/** A recipe sees no clock, no randomness and no locale: the same channel gives the same derivations. */
const prelude = `
  const refuse = what => () => { throw new TypeError('a recipe cannot use ' + what) }
  globalThis.Date = new Proxy(function Date() {}, { get: refuse('the clock'), apply: refuse('the clock'), construct: refuse('the clock') })
  Math.random = refuse('randomness')
  for (const name of ['performance', 'Intl', 'WeakRef', 'FinalizationRegistry', 'Atomics', 'SharedArrayBuffer', 'WebAssembly'])
    delete globalThis[name]
`

const tooLong = {
  name: 'RecipeProblem',
  message: `The recipes give more than ${LONGEST / 1024 / 1024} MB`,
  stack: undefined,
  hint: undefined,
  code: undefined,
}

/** Text goes in, text comes out: nothing of Node is handed in. */
function evaluate({ code, expression, timeout }: Request): Evaluated {
  // Nothing is looked at of what recipes throw but by `describeThrown`.
  const limits = { timeout, displayErrors: false }
  const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } })
  try {
    new Script(prelude).runInContext(context)
    new Script(code, { filename: BUNDLE }).runInContext(context, limits)
    const emission = new Script(`\`\${${expression}}\``).runInContext(context, limits)
    return (emission as string).length > LONGEST ? { error: tooLong } : { emission: emission as string }
  } catch (error) {
    return { error: describeThrown(error, context) }
  }
}

const answer = Buffer.from(encodeAnswer(evaluate(JSON.parse(readFileSync(0, 'utf8')))))
for (let done = 0; done < answer.length; ) done += writeSync(1, answer, done)
// What recipes left behind to be done later is not done.
process.exit(0)
