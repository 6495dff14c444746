import { join } from 'node:path'
import { claim, type Digest, type StorePath } from '../../store/index.js'
import type { Lowered } from '../derivation/derivation.js'
import { fixedOutput } from '../derivation/hash.js'
import { inspectArchive } from '../fetch/archive.js'
import type { FetchEvent } from '../fetch/events.js'
import { type FetchContext, FetchFailed, type FetchRequest, fetchFile } from '../fetch/fetch.js'
import { fetchGit } from '../fetch/git.js'
import type { Step } from '../plan/plan.js'
import type { Builder } from './builder.js'
import { ArchiveEscapes } from './errors.js'
import type { Made } from './step.js'
import { rememberTime } from './times.js'

/** What a derivation that fetches asks for. */
export function requestOf({ derivation }: Lowered): FetchRequest {
  const { name, args: urls } = derivation
  return { name, urls, digest: fixedOutput(derivation)!.digest }
}

/** `builtin:fetch`: a file that any of the URLs serves. What says it is an archive may not leave its directory. */
export async function fetchUrl(
  builder: Builder,
  { lowered }: Step,
  directory: string,
  signal: AbortSignal,
): Promise<readonly Made[]> {
  const { path, derivation, outputs } = lowered
  const staged = join(directory, 'file')
  const output = outputs.get('out')!
  await warning(builder, path, signal, context => fetchFile(requestOf(lowered), staged, context))
  if (derivation.env.has('archive')) {
    const { escaping, newest } = await inspectArchive(staged)
    if (escaping !== undefined) throw new ArchiveEscapes(derivation.name, escaping)
    await rememberTime(builder.store, output, newest)
  }
  return [{ path: output, staged, possible: new Set<StorePath>() }]
}

/** `builtin:fetch-git`: the files of a commit. */
export async function fetchCommit(
  builder: Builder,
  { lowered }: Step,
  directory: string,
  signal: AbortSignal,
): Promise<readonly Made[]> {
  const { path, derivation, outputs } = lowered
  const { env } = derivation
  const staged = join(directory, 'tree')
  const request = {
    ...requestOf(lowered),
    commit: env.get('commit')!,
    submodules: env.has('submodules'),
  }
  await warning(builder, path, signal, context => fetchGit(request, staged, directory, context))
  return [{ path: outputs.get('out')!, staged, possible: new Set<StorePath>() }]
}

/** Fetches and tells which URLs failed, unless all did: that is an error, which lists them. */
async function warning(
  builder: Builder,
  path: StorePath,
  signal: AbortSignal,
  fetch: (context: FetchContext) => Promise<unknown>,
): Promise<void> {
  const failures = new Set<string>()
  const context = contextOf(builder, path, signal)
  const report = (event: FetchEvent): void => {
    if (event.kind === 'failed') failures.add(`${event.url}: ${event.reason}`)
    context.report(event)
  }
  const warn = (): void => {
    for (const text of failures) builder.report({ kind: 'warning', text })
  }
  await fetch({ ...context, report }).catch(error => {
    if (!(error instanceof FetchFailed)) warn()
    throw error
  })
  warn()
}

/** How a fetch of the derivation `path` tells what it does, and who else may be fetching the same. */
export function contextOf(builder: Builder, path: StorePath, signal: AbortSignal): FetchContext {
  const { fetching, store, sandbox } = builder
  return {
    ...fetching,
    signal,
    sandbox,
    report: (event: FetchEvent): void => {
      if (event.kind === 'progress')
        builder.report({ kind: 'progress', path, bytes: event.bytes, total: event.total })
      if (event.kind === 'failed' || event.kind === 'retry')
        builder.report({
          kind: 'retrying',
          path,
          url: event.url,
          reason: event.reason,
          seconds: event.kind === 'retry' ? event.seconds : undefined,
        })
      // What came out of the cache was not downloaded.
      if (event.kind === 'done' && URL.canParse(event.from))
        builder.report({ kind: 'progress', path, bytes: event.bytes, total: event.bytes })
      if (event.kind === 'warning') builder.report({ kind: 'warning', text: event.message })
    },
    // Other stores of this user may be fetching it.
    claim: async (wanted: Digest) => {
      const file = await fetching.cache.claimFile(wanted)
      return file === undefined ? undefined : claim(store.keeper, file, signal)
    },
  }
}
