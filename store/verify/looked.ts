import { systemCode } from '../error.js'

/** What a damaged disk shows, or in a sentence why it shows nothing. */
export type Looked<T extends object> = T | string

/** What `look` finds, or why it cannot look. */
export async function whole<T extends object>(look: () => T | Promise<T>): Promise<Looked<T>> {
  try {
    return await look()
  } catch (error) {
    if (systemCode(error) === undefined && !(error instanceof Error && 'code' in error)) throw error
    return error instanceof Error ? error.message : String(error)
  }
}
