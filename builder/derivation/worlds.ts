/** What this program contributes to the builds of one world. */
export interface World {
  /** Whether the determinism tracer runs its builds. */
  readonly traced: boolean
}

/**
 * The versions of everything this program contributes to a build: fixed environment, user, /etc, tracer contract,
 * canonicalisation, epoch rule. A recipe library names the world it writes for. Worlds are never changed or removed, so
 * that old derivations keep their meaning; a builder refuses those it does not know.
 */
export const worlds: Readonly<Record<string, World>> = {
  'linux-1': { traced: false },
  'linux-2': { traced: true },
}

/** The world of recipe libraries that name none, which are those of the format `recipes-1`. */
export const FIRST_WORLD = 'linux-1'
