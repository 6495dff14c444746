import { Usage } from './errors.js'

const powers: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4 }

/** Reads `500M`, `1.5GiB` or `1048576` as bytes; the units are powers of 1024. */
export function parseSize(text: string, name: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text)
  if (!match)
    throw new Usage(`${name} needs a size, not "${text}"`, {
      hint: 'Write bytes, or a number with K, M, G or T: 500M',
    })
  return Math.floor(Number(match[1]) * 1024 ** powers[match[2]!.toUpperCase()]!)
}
