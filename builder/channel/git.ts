import { systemCode } from '../../store/index.js'
import { ForeignRepository, GitMissing } from './errors.js'
import { type Ran, run } from './run.js'

export interface GitOptions {
  readonly input?: string
  /** More settings, such as `gpg.ssh.allowedSignersFile=...`. */
  readonly settings?: readonly string[]
  readonly signal?: AbortSignal
  /** The sandbox program, for a git that may wait long for somebody: it ends with this process, with all it started. */
  readonly sandbox?: string | undefined
}

/** What git may take from the environment: how to reach and prove, never which repository. */
const passed = /^(?!GIT_)|^GIT_(SSH|SSL|ASKPASS|PROXY|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM))/

function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => passed.test(name))
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    // An id means what it hashes to, whatever a clone puts in its place.
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
  }
}

/**
 * Runs git in `repository`. That it fails is an answer; that it cannot be started, or does not trust the repository, is
 * an error.
 */
export async function git(
  repository: string,
  args: readonly string[],
  { input, settings = [], signal, sandbox }: GitOptions = {},
): Promise<Ran> {
  const words = ['-C', repository, ...settings.flatMap(setting => ['-c', setting]), ...args]
  const options = { env: environment(), signal, ...(input !== undefined && { input }) }
  const [program, before] = sandbox ? [sandbox, ['guard', String(process.pid), '--', 'git']] : ['git', []]
  const ran = await run(program, [...before, ...words], options).catch(error => {
    throw systemCode(error) === 'ENOENT' && !sandbox ? new GitMissing(error) : error
  })
  if (sandbox && ran.status === NOT_FOUND) throw new GitMissing(undefined)
  const foreign = DUBIOUS.exec(ran.stderr)?.[1]
  if (ran.status !== 0 && foreign !== undefined) throw new ForeignRepository(foreign)
  return ran
}

/** How the sandbox program says that the program it shall run is not there. */
const NOT_FOUND = 127

/** What git says, in its newer and its older words, of a repository whose owner is somebody else. */
const DUBIOUS = /^fatal: (?:detected dubious ownership in|unsafe) repository (?:at )?\(?'(.*?)'/m

/** The last thing git said, without its own marks. */
export const lastLine = (text: string): string =>
  withoutMarks(text.split('\n').at(-1) ?? '') || 'git says nothing'

/**
 * Why git gave up, from what it wrote to stderr: its first fatal line, with what ssh or the server said just before
 * it. Advice follows that line, which is not the reason.
 */
export function complaint(text: string): string {
  const lines = text.split('\n').filter(line => !/^(warning|hint): /.test(line))
  const fatal = lines.findIndex(line => line.startsWith('fatal: '))
  if (fatal < 0) return lastLine(text)
  const before = lines
    .slice(0, fatal)
    .map(withoutMarks)
    .findLast(line => /[a-z]/i.test(line))
  return withoutMarks(lines[fatal]!) + (before === undefined ? '' : ` (${before})`)
}

const withoutMarks = (line: string): string =>
  line
    .trim()
    .replace(/^(fatal|error|remote): */, '')
    .replace(/\.$/, '')
