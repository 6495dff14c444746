import { Interrupted } from '../build/errors.js'
import { BadRecipe } from './errors.js'

/**
 * The error of recipes that were evaluated together, with the file on whose account they fail where nothing else says so:
 * a loop, a lack of memory and a thrown value have no place. `attempt` evaluates some of the files; the one that fails
 * alike with nothing but what it imports is named.
 */
export async function nameCulprit(
  error: unknown,
  files: readonly string[],
  attempt: (files: readonly string[]) => Promise<unknown>,
): Promise<unknown> {
  if (!(error instanceof BadRecipe) || error.location) return error
  const failsAlike = (some: readonly string[]): Promise<boolean> =>
    attempt(some).then(
      () => false,
      other => {
        if (other instanceof Interrupted) throw other
        return other instanceof BadRecipe && !other.location && other.message === error.message
      },
    )
  let suspects = files
  while (suspects.length > 1) {
    const half = suspects.slice(0, suspects.length / 2)
    suspects = (await failsAlike(half)) ? half : suspects.slice(half.length)
  }
  const [culprit] = suspects
  if (culprit === undefined || (files.length > 1 && !(await failsAlike(suspects)))) return error
  return new BadRecipe(undefined, `${culprit}: ${error.message}`, error.hint)
}
