import type { ChildProcess } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { runStore, temporaryRoot } from './command.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The root of a store in which hello and zlib are built. Tests clone it and never change it. */
    readonly seeded: string
  }
}

/** What the build of the seeded store in `root` said when it failed, or nothing; it is there when the build has ended. */
export const seedingProblem = (root: string): string => join(root, 'problem')

/**
 * Builds the seeded store once, from nothing but the download cache, while tests run that do not need it; the others
 * wait for it. Whoever runs few tests again and again keeps one in the directory `STORE_SEEDED`.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = process.env.STORE_SEEDED ? keptRoot(process.env.STORE_SEEDED) : await temporaryRoot()
  await rm(seedingProblem(root.path), { force: true })
  let building: ChildProcess | undefined
  const built = build(root.path, child => {
    building = child
  })
  project.provide('seeded', root.path)
  return async () => {
    building?.kill('SIGINT')
    await built
    await root[Symbol.asyncDispose]()
  }
}

async function build(root: string, onStart: (child: ChildProcess) => void): Promise<void> {
  const start = performance.now()
  const { status, stderr } = await runStore(root, ['build', 'hello', 'zlib'], { onStart })
  if (status === 0)
    process.stdout.write(
      `built hello and zlib from an empty store in ${((performance.now() - start) / 1000).toFixed(0)} s\n`,
    )
  await writeFile(`${seedingProblem(root)}.new`, status === 0 ? '' : stderr || `status ${status}`)
  await rename(`${seedingProblem(root)}.new`, seedingProblem(root))
}

const keptRoot = (path: string): AsyncDisposable & { readonly path: string } => {
  mkdirSync(path, { recursive: true })
  return { path, [Symbol.asyncDispose]: async () => undefined }
}
