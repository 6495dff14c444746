export interface Ran {
  readonly status: number
  readonly stdout: Buffer
  readonly stderr: string
}

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv
  readonly input?: string | Buffer
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs a program to its end, outside every repository. That it fails is an answer; that it cannot be started is not.
 * `signal` ends it, and when that is thrown it has ended.
 */
export async function run(
  program: string,
  args: readonly string[],
  { env, input = '', signal }: RunOptions,
): Promise<Ran> {
  // Most commands run none.
  const { spawn } = await import('node:child_process')
  signal?.throwIfAborted()
  const child = spawn(program, args, {
    cwd: '/',
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const end = (): void => void child.kill()
  signal?.addEventListener('abort', end)
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', chunk => stdout.push(chunk))
  child.stderr.on('data', chunk => stderr.push(chunk))
  // One that ends early says why on stderr.
  child.stdin.on('error', () => undefined).end(input)
  return await new Promise<Ran>((resolve, reject) => {
    child.on('error', reject)
    // Somebody whom it started may still have its stdout.
    child.on('exit', () => signal?.aborted && reject(signal.reason))
    child.on('close', status =>
      resolve({
        status: status ?? 1,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString().trim(),
      }),
    )
  }).finally(() => signal?.removeEventListener('abort', end))
}
