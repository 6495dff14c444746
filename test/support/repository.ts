import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const settings = [
  'user.name=A Tester',
  'user.email=tester@example.org',
  'init.defaultBranch=main',
  'commit.gpgSign=false',
  'protocol.file.allow=always',
]

/** A git repository for tests. */
export interface TestRepository {
  readonly folder: string
  git(...args: readonly string[]): string
  /** Writes files (those without content are removed), commits everything and gives the commit's id. */
  commit(files: Readonly<Record<string, string | undefined>>, ...options: readonly string[]): string
}

export function makeRepository(folder: string): TestRepository {
  mkdirSync(folder, { recursive: true })
  const git = (...args: readonly string[]): string =>
    execFileSync('git', [...settings.flatMap(setting => ['-c', setting]), ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  git('init', '--quiet')
  return {
    folder,
    git,
    commit: (files, ...options) => {
      for (const [name, content] of Object.entries(files)) {
        if (content === undefined) rmSync(join(folder, name))
        else {
          mkdirSync(dirname(join(folder, name)), { recursive: true })
          writeFileSync(join(folder, name), content)
        }
      }
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '-m', 'Change', ...options)
      return git('rev-parse', 'HEAD')
    },
  }
}
