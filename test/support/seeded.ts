import type { TestProject } from 'vitest/node'
import { runStore, temporaryRoot } from './command.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The root of a store in which hello and zlib are built. Tests clone it and never change it. */
    readonly seeded: string
  }
}

/** Builds the seeded store once, before all end-to-end tests: from nothing but the download cache. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = await temporaryRoot()
  const start = performance.now()
  const { status, stderr } = await runStore(root.path, ['build', 'hello', 'zlib'])
  if (status !== 0) {
    await root[Symbol.asyncDispose]()
    throw new Error(`The seeded store cannot be built:\n${stderr}`)
  }
  process.stdout.write(
    `built hello and zlib from an empty store in ${((performance.now() - start) / 1000).toFixed(0)} s\n`,
  )
  project.provide('seeded', root.path)
  return async () => {
    await root[Symbol.asyncDispose]()
  }
}
