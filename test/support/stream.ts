/** A stream that remembers what was written to it. */
export type FakeStream = NodeJS.WriteStream & { readonly written: string[] }

/** Stands for stderr: a pipe, or a terminal of the given size. */
export function fakeStream(shape: {
  readonly isTTY: boolean
  readonly columns?: number
  readonly rows?: number
}): FakeStream {
  const written: string[] = []
  return { ...shape, written, write: (text: string) => written.push(text) > 0 } as unknown as FakeStream
}
