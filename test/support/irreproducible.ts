import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject } from 'vitest'
import { compareTrees } from './hosts.js'
import { ordinaryUser, storeOf, type UserStore, users } from './users.js'

/** A package whose upstream build keeps something of the machine or the moment; recipes/README.md says what. */
export interface Irreproducible {
  readonly name: string
  /** A file in which builds without the tracer differ. */
  readonly file: string
  /**
   * What shows it: two builds without the tracer on `hosts` that differ in time, file system and user, or a build that
   * the tracer tells another constant, where hosts differ only from one month, kernel or machine to another.
   */
  readonly by: 'hosts' | `${'epoch' | 'release'}=${string}`
}

export const irreproducible: readonly Irreproducible[] = [
  { name: 'apache-sessionx', file: 'share/perl5/Apache/SessionX/Config.pm', by: 'hosts' },
  { name: 'ircd', file: 'sbin/ircd', by: 'hosts' },
  { name: 'linuxlogo', file: 'bin/linux_logo', by: 'hosts' },
  { name: 'lsof', file: 'bin/lsof', by: 'release=1.2.3' },
  { name: 'nload', file: 'share/man/man1/nload.1.gz', by: 'hosts' },
  { name: 'nsnake', file: 'bin/nsnake', by: 'hosts' },
  { name: 'omega-rpg', file: 'bin/omega-rpg', by: 'hosts' },
  { name: 'seabios', file: 'share/seabios/bios.bin', by: 'hosts' },
  { name: 'tf', file: 'bin/tf', by: 'release=1.2.3' },
  { name: 'uisp', file: 'share/man/man1/uisp.1.gz', by: 'epoch=1000000000' },
]

/** Seeded stores of two users on two file systems, for the tests of one file. */
export function twoHosts(): readonly UserStore[] {
  const hosts: UserStore[] = []
  beforeAll(async () => {
    hosts.push(await storeOf(users[0]!, inject('seeded'), tmpdir()))
    hosts.push(await storeOf(ordinaryUser, inject('seeded'), '/dev/shm'))
  })
  afterAll(async () => {
    for (const host of hosts) await host[Symbol.asyncDispose]()
  })
  return hosts
}

/** Fails unless the tracer, and nothing else, makes the package the same on both hosts. */
export async function expectTracerNeeded(
  { name, file, by }: Irreproducible,
  hosts: readonly UserStore[],
): Promise<void> {
  const [here, there] = [hosts[0]!, hosts[1]!]
  const traced = await build(here, name)
  expect(await build(there, name)).toEqual(traced)
  const untraced = await buildOtherwise(here, name, '--no-tracer')
  if (by === 'hosts') {
    expect(await differing(untraced, await buildOtherwise(there, name, '--no-tracer'))).toContain(file)
  } else {
    const varied = await buildOtherwise(here, name, '--vary', by)
    expect(await differing(join(here.path, traced.path), varied)).toContain(file)
  }
}

/** Builds the package as it is declared. */
async function build(store: UserStore, name: string): Promise<{ path: string; narHash: string }> {
  const { status, stdout, stderr } = await store.run(['build', name])
  expect(status, stderr).toBe(0)
  const path = stdout.trim()
  const info = await store.run(['info', '--json', path])
  return { path, narHash: JSON.parse(info.stdout).narHash }
}

/** Builds the package in another way, which must give other bytes, and returns where these lie. */
async function buildOtherwise(store: UserStore, name: string, ...how: readonly string[]): Promise<string> {
  const { status, stderr } = await store.run(['build', '--check', '--keep-failed', ...how, name])
  expect(status, stderr).toBe(104)
  const [, path] = /^ {2}(?:\/store\/)(\S+): /m.exec(stderr)!
  const [, kept] = /is kept in (\S+);/.exec(stderr)!
  return join(kept!, path!)
}

/** The files in which two trees differ. */
async function differing(one: string, other: string): Promise<readonly string[]> {
  const files: string[] = []
  for await (const place of compareTrees(one, other)) files.push(place.replace(/: .*/s, ''))
  return files
}
