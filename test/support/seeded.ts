import { mkdirSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { runStore, temporaryRoot } from './command.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The root of a store in which hello and zlib are built. Tests clone it and never change it. */
    readonly seeded: string
  }
}

/**
 * Builds the seeded store once, before all end-to-end tests: from nothing but the download cache. Whoever runs few
 * tests again and again keeps one in the directory `STORE_SEEDED`.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = process.env.STORE_SEEDED ? keptRoot(process.env.STORE_SEEDED) : await temporaryRoot()
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

const keptRoot = (path: string): AsyncDisposable & { readonly path: string } => {
  mkdirSync(path, { recursive: true })
  return { path, [Symbol.asyncDispose]: async () => undefined }
}
