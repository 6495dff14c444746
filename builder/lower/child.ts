import { readFileSync, writeSync } from 'node:fs'
import { createContext, Script } from 'node:vm'
import { PRELUDE, SEARCH_PRELUDE } from './prelude.js'
import { BUNDLE, type Evaluated, encodeAnswer, LONGEST, type Request } from './protocol.js'
import { describeThrown } from './thrown.js'

const tooLong = {
  name: 'RecipeProblem',
  message: `The recipes give more than ${LONGEST / 1024 / 1024} MB`,
  stack: undefined,
  hint: undefined,
  code: undefined,
}

/** Text goes in, text comes out: nothing of Node is handed in. */
function run({ code, expression, timeout }: Request, prelude: readonly string[]): Evaluated {
  // Nothing is looked at of what recipes throw but by `describeThrown`.
  const limits = { timeout, displayErrors: false }
  const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } })
  try {
    for (const script of prelude) new Script(script).runInContext(context)
    new Script(code, { filename: BUNDLE }).runInContext(context, limits)
    const emission = new Script(`\`\${${expression}}\``).runInContext(context, limits)
    return { emission: emission as string }
  } catch (error) {
    return { error: describeThrown(error, context) }
  }
}

/**
 * Runs recipes. Where they fail is found by running them once more: only what gives no emission may know stacks. An
 * evaluation that took too long has no place.
 */
function evaluate(request: Request): Evaluated {
  const first = run(request, PRELUDE)
  if ('emission' in first) return first.emission.length > LONGEST ? { error: tooLong } : first
  if (first.error.code !== undefined) return first
  const again = run(request, SEARCH_PRELUDE)
  const isSame = 'error' in again && again.error.message === first.error.message
  return isSame ? { error: { ...first.error, stack: again.error.stack } } : first
}

const answer = Buffer.from(encodeAnswer(evaluate(JSON.parse(readFileSync(0, 'utf8')))))
for (let done = 0; done < answer.length; ) done += writeSync(1, answer, done)
// What recipes left behind to be done later is not done.
process.exit(0)
