import { distance } from 'fastest-levenshtein'

/** Up to three of `names` that were probably meant by `text`: a letter or two off, or longer. Nearest first. */
export const closest = (text: string, names: Iterable<string>): readonly string[] =>
  [...new Set(names)]
    .map(name => ({ name, far: distance(name, text) }))
    .filter(({ name, far }) => far <= Math.max(2, Math.floor(text.length / 3)) || name.startsWith(text))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ name }) => name)
