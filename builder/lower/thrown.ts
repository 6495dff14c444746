import { types } from 'node:util'
import { type Context, Script } from 'node:vm'
import type { Evaluated } from './protocol.js'

/** Milliseconds for a look at one field. */
const PATIENCE = 200

/**
 * What can be told of a value that recipes threw. It is theirs: getters and traps run in their own world, and not for
 * long. An error that Node made for this program is never handed to them.
 */
export function describeThrown(
  thrown: unknown,
  context: Context,
): Extract<Evaluated, { error: unknown }>['error'] {
  if (isOurs(thrown)) {
    const { name, message, stack } = thrown
    return { name, message, stack, hint: undefined, code: codeOf(thrown) }
  }
  const read = (expression: string): string | undefined => {
    try {
      context.thrown = thrown
      const value: unknown = new Script(expression).runInContext(context, {
        timeout: PATIENCE,
        displayErrors: false,
      })
      return typeof value === 'string' ? value.slice(0, 10_000) : undefined
    } catch {
      return undefined
    }
  }
  const isRecord = (typeof thrown === 'object' && thrown !== null) || typeof thrown === 'function'
  const field = (key: string): string | undefined => (isRecord ? read(`thrown.${key}`) : undefined)
  return {
    name: field('name') ?? 'a value',
    message: field('message') ?? read('`${thrown}`') ?? 'it cannot even be printed',
    stack: field('stack'),
    hint: field('hint'),
    code: codeOf(thrown),
  }
}

/** Whether an error was made by Node for this program. Asks nothing that a proxy could answer. */
function isOurs(value: unknown): value is Error {
  let at = value
  while (typeof at === 'object' && at !== null && !types.isProxy(at)) {
    if (at === Error.prototype) return true
    at = Object.getPrototypeOf(at)
  }
  return false
}

/** Whether recipes took too long: an error made in their world says so, which they may imitate to no avail. */
function codeOf(thrown: unknown): string | undefined {
  if (!types.isNativeError(thrown)) return undefined
  const code: unknown = Object.getOwnPropertyDescriptor(thrown, 'code')?.value
  return code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? code : undefined
}
