import { eastAsianWidth } from 'get-east-asian-width'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Asks the terminal to show what comes before as an emoji, which is wide. */
const EMOJI_SELECTOR = 0xfe0f

/**
 * Columns that a text takes at most, which must have no control characters. Terminals differ in what they make of
 * joined emoji: each part counts, as in those that do not join them, so that a line fits in all of them.
 */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}

/** The beginning of a text that takes no more than `width` columns, with `…` where something is missing. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  if (width < 1) return ''
  let kept = ''
  let taken = 0
  for (const { segment } of graphemes.segment(text)) {
    taken += displayWidth(segment)
    if (taken > width - 1) break
    kept += segment
  }
  return `${kept}…`
}

const isPlain = (text: string): boolean => /^[ -~]*$/.test(text)

function characterWidth(character: string): number {
  const codePoint = character.codePointAt(0)!
  if (codePoint === EMOJI_SELECTOR) return 1
  if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return codePoint === 0xad ? 1 : 0
  return /^\p{Regional_Indicator}$/u.test(character) ? 2 : eastAsianWidth(codePoint)
}
