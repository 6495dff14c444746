import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'

/** A server of the git repositories in a folder. */
export interface GitServer {
  /** The URL of one of them. */
  url(name: string): string
  /** What a user of git has in the environment to reach it. */
  readonly env: Readonly<Record<string, string>>
  /** How it is not reached, and what git says then. */
  readonly refusals: readonly Refusal[]
  stop(): Promise<void>
}

export interface Refusal {
  readonly what: string
  readonly url: string
  readonly env: Readonly<Record<string, string>>
  readonly reason: RegExp
}

/** git as of no user and no machine, so that no settings but a test's decide how a server is reached. */
const alone = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }

/** A server of `repositories` behind a certificate of its own authority, `ca.pem` among its keys in `folder`. */
export async function serveHttps(repositories: string, folder: string): Promise<GitServer> {
  makeCertificates(folder)
  const read = (name: string): Buffer => readFileSync(join(folder, name))
  const options = { key: read('server.key'), cert: read('server.pem') }
  const server = https.createServer(options, (request, response) => {
    if (request.url!.startsWith('/private'))
      return response.writeHead(401, { 'www-authenticate': 'Basic' }).end()
    if (request.url!.startsWith('/insecure'))
      return response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
    return answerAsCgi(repositories, request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const url = (name: string, host = '127.0.0.1'): string => `https://${host}:${port}/${name}`
  const settings = join(folder, 'gitconfig')
  writeFileSync(settings, `[http]\n  sslCAInfo = ${join(folder, 'ca.pem')}\n`)
  const env = { ...alone, GIT_CONFIG_GLOBAL: settings }
  const variable = { ...alone, GIT_SSL_CAINFO: join(folder, 'ca.pem') }
  return {
    url,
    env,
    refusals: [
      { what: 'another authority', url: url('mine'), env: alone, reason: /certificate/i },
      { what: 'another name', url: url('mine', 'localhost'), env, reason: /certificate|host name/i },
      { what: 'no repository', url: url('nothing'), env: variable, reason: /not found/ },
      { what: 'a password', url: url('private'), env, reason: /terminal prompts disabled/ },
      { what: 'nobody there', url: 'https://127.0.0.1:1/mine', env, reason: /connect/i },
    ],
    stop: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** An authority `ca.pem`, and `server.pem` that it signed for 127.0.0.1 and nobody else. */
function makeCertificates(folder: string): void {
  mkdirSync(folder)
  const openssl = (...args: readonly string[]): Buffer =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout']
  openssl('req', '-x509', ...key, 'ca.key', '-out', 'ca.pem', '-subj', '/CN=A Test Authority')
  openssl('req', ...key, 'server.key', '-out', 'server.csr', '-subj', '/CN=A Test Server')
  writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1\n')
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names']
  openssl('x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.pem')
}

/** Answers with what git's own program says, as CGI (RFC 3875). */
async function answerAsCgi(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url!, 'https://any')
  const header = (name: string): string => String(request.headers[name] ?? '')
  const child = spawn('git', ['http-backend'], {
    env: {
      ...alone,
      PATH: process.env.PATH,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: String(searchParams),
      CONTENT_TYPE: header('content-type'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  request.pipe(child.stdin)
  const chunks: Buffer[] = []
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer)
  const answer = Buffer.concat(chunks)
  const end = answer.indexOf('\r\n\r\n')
  for (const line of answer.toString('latin1', 0, end).split('\r\n')) {
    const [name = '', ...value] = line.split(': ')
    if (name === 'Status') response.statusCode = Number.parseInt(value[0]!, 10)
    else response.setHeader(name, value.join(': '))
  }
  response.end(answer.subarray(end + 4))
}

/** OpenSSH's server, one process a connection, for whoever runs the tests. Its keys lie in `folder`. */
export async function serveSsh(repositories: string, folder: string): Promise<GitServer> {
  mkdirSync(folder)
  for (const name of ['host', 'user', 'stranger'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
  const publicKey = (name: string): string => readFileSync(join(folder, `${name}.pub`), 'utf8')
  writeFileSync(join(folder, 'authorized'), publicKey('user'))
  // Started by root it gives up its rights in this folder, which a service manager would make.
  if (process.getuid!() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const settings = [`HostKey=${folder}/host`, `AuthorizedKeysFile=${folder}/authorized`, 'StrictModes=no']
  const args = ['-i', '-e', '-f', '/dev/null', ...settings.flatMap(setting => ['-o', setting])]
  const children = new Set<ChildProcess>()
  const server = net.createServer({ pauseOnConnect: true }, socket => {
    const child = spawn(findServer(), args, { stdio: [socket, socket, 'ignore'] })
    children.add(child)
    socket.destroy()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const hosts = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const known = hosts('known', `[127.0.0.1]:${port} ${publicKey('host')}`)
  const changed = hosts('changed', `[127.0.0.1]:${port} ${publicKey('stranger')}`)
  const env = (key: string, hostsFile: string) => ({
    ...alone,
    GIT_SSH_COMMAND: `ssh -F /dev/null -i ${folder}/${key} -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile=${hostsFile}`,
  })
  const url = (name: string, at = port): string =>
    `ssh://${userInfo().username}@127.0.0.1:${at}${join(repositories, name)}`
  const right = env('user', known)
  const denied = /Permission denied/
  const unproven = /Host key verification failed/
  return {
    url,
    env: right,
    refusals: [
      { what: 'another host key', url: url('mine'), env: env('user', changed), reason: unproven },
      { what: 'an unknown host', url: url('mine'), env: env('user', '/dev/null'), reason: unproven },
      { what: 'a stranger', url: url('mine'), env: env('stranger', known), reason: denied },
      { what: 'no repository', url: url('nothing'), env: right, reason: /not appear to be a git repository/ },
      { what: 'nobody there', url: url('mine', 1), env: right, reason: /Connection refused/ },
    ],
    stop: async () => {
      for (const child of children) child.kill()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Its path: it starts itself anew by it, and it is not on the path of an ordinary user. */
const findServer = (): string =>
  execFileSync('sh', ['-c', 'PATH=$PATH:/usr/sbin; command -v sshd'], { encoding: 'utf8' }).trim()
