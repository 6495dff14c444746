import { type Style, styled } from '../terminal.js'
import { cut, displayWidth } from './width.js'

/** A piece of a line, in one style. */
export interface Span {
  readonly text: string
  readonly style?: Style
}

/** Something a line may have, if there is room: the lower its rank, the sooner. */
export interface Detail extends Span {
  readonly rank: number
}

const widthOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { text }) => sum + displayWidth(text), 0)

/** Columns below which a text that can be cut says nothing. */
const LEAST = 12

/**
 * A line of at most `width` columns: `head`, which is cut if need be, and of the details, in their order and two
 * columns apart, those that fit; the last one is cut when it is at all worth showing.
 */
export function fitLine(head: readonly Span[], details: readonly Detail[], width: number): readonly Span[] {
  let left = width - widthOf(head)
  const kept = new Map<Detail, string>()
  for (const detail of details.toSorted((a, b) => a.rank - b.rank)) {
    const room = left - 2
    if (detail.text === '') continue
    const fits = displayWidth(detail.text) <= room
    if (!fits && (detail !== details.at(-1) || room < LEAST)) continue
    const text = cut(detail.text, room)
    kept.set(detail, text)
    left -= displayWidth(text) + 2
  }
  const shown = details.flatMap((detail): Span[] => {
    const text = kept.get(detail)
    return text === undefined ? [] : [{ text: '  ' }, { ...detail, text }]
  })
  return [...cutSpans(head, width), ...shown]
}

/** The beginning of a line that takes no more than `width` columns. */
export function cutSpans(spans: readonly Span[], width: number): readonly Span[] {
  let left = width
  const kept: Span[] = []
  for (const span of spans) {
    const text = cut(span.text, left)
    kept.push({ ...span, text })
    if (text !== span.text) break
    left -= displayWidth(text)
  }
  return kept
}

/** A line as it is written. */
export const renderSpans = (spans: readonly Span[], colour: boolean): string =>
  spans.map(({ text, style }) => (style && colour && text !== '' ? styled(style, text) : text)).join('')
