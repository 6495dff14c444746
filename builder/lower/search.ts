import type { EmittedPackage } from '../recipe/index.js'

/** How much a word tells in each place where it may stand. */
const weights: readonly (readonly [weight: number, read: (found: EmittedPackage) => string])[] = [
  [8, ({ name }) => name],
  [3, ({ meta }) => meta.synopsis ?? ''],
  [1, ({ meta }) => meta.description ?? ''],
  [1, ({ outputs }) => outputs.join(' ')],
]

/** The packages in which every word occurs, best match first, then by name. */
export function searchPackages<P extends EmittedPackage>(
  packages: readonly P[],
  words: readonly string[],
): readonly P[] {
  const lower = words.map(word => word.toLowerCase())
  return packages
    .map(found => ({ found, scores: lower.map(word => score(found, word)) }))
    .filter(({ scores }) => scores.every(points => points > 0))
    .map(({ found, scores }) => ({ found, total: scores.reduce((sum, points) => sum + points, 0) }))
    .sort((a, b) => b.total - a.total || (a.found.name < b.found.name ? -1 : 1))
    .map(({ found }) => found)
}

/** A whole name counts more than its beginning, and that more than a part. */
function score(found: EmittedPackage, word: string): number {
  return weights.reduce((sum, [weight, read]) => {
    const place = read(found).toLowerCase()
    if (place === word) return sum + 4 * weight
    if (place.startsWith(word)) return sum + 2 * weight
    return place.includes(word) ? sum + weight : sum
  }, 0)
}
