/**
 * The roots and all they lead to, each once and after what it leads to itself. The stack is our own: chains may be longer
 * than that of calls.
 */
export function sortDepthFirst<T>(roots: Iterable<T>, next: (from: T) => Iterable<T>): T[] {
  const sorted: T[] = []
  const seen = new Set<T>()
  const stack = [...roots].reverse().map(item => ({ item, isDone: false }))
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.isDone) sorted.push(top.item)
    if (top.isDone || seen.has(top.item)) continue
    seen.add(top.item)
    stack.push({ item: top.item, isDone: true })
    for (const item of [...next(top.item)].reverse()) if (!seen.has(item)) stack.push({ item, isDone: false })
  }
  return sorted
}
