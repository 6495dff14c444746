import { EventEmitter } from 'node:events'

/** A stream that remembers what was written to it. */
export type FakeStream = NodeJS.WriteStream & { readonly written: string[] }

/** Stands for stderr: a pipe, or a terminal of the given size. */
export function fakeStream(shape: {
  readonly isTTY: boolean
  readonly columns?: number
  readonly rows?: number
}): FakeStream {
  const written: string[] = []
  const stream = Object.assign(new EventEmitter(), shape, {
    written,
    write: (text: string) => written.push(text) > 0,
  })
  return stream as unknown as FakeStream
}
