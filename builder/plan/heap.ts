/** Items of which the first, by an order of their own, can be taken out. */
export interface Heap<T> {
  push(item: T): void
  /** Takes out an item that comes after no other; `undefined` when there is none. */
  pop(): T | undefined
}

/** A binary heap: a list in which no item comes before the one at half its place. */
export function makeHeap<T>(comesBefore: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []
  const rise = (item: T, start: number): void => {
    let at = start
    for (let above = (at - 1) >> 1; at > 0 && comesBefore(item, items[above]!); above = (at - 1) >> 1) {
      items[at] = items[above]!
      at = above
    }
    items[at] = item
  }
  const sink = (item: T): void => {
    let at = 0
    for (let below = 1; below < items.length; below = 2 * at + 1) {
      if (below + 1 < items.length && comesBefore(items[below + 1]!, items[below]!)) below++
      if (!comesBefore(items[below]!, item)) break
      items[at] = items[below]!
      at = below
    }
    items[at] = item
  }
  return {
    push: item => rise(item, items.length),
    pop: () => {
      const first = items[0]
      const last = items.pop()
      if (items.length > 0) sink(last!)
      return first
    },
  }
}
