import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { compile, makeDriver, run } from '../support/traced.js'

const EPOCH = '1700000000'
const LOADER = '/lib64/ld-linux-x86-64.so.2'
const here = join(import.meta.dirname, '../native')
const folder = makeDriver('loaders', ['entries'])

/** Runs a program under the tracer, whose loader is covered as it is in a sandbox. */
const covered = (...args: readonly string[]) =>
  run(join(folder, 'traced'), [`--epoch=${EPOCH}`, `--loader=${LOADER}`, '--', ...args], folder)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a loader that brings the shim along reaches', () => {
  const ways = readFileSync(join(here, 'entries.c'), 'utf8').matchAll(/\{ "([a-z-]+)", [a-z_]+ \}/g)

  test.each([...ways].map(match => match[1] as string))('%s', way => {
    const { stdout, stderr, status } = covered('./entries', way)
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    for (const line of stdout.trim().split('\n')) expect(line).toMatch(new RegExp(`^[^ ]+: ${EPOCH}$`))
  })

  test('programs without the supervisor, which may be stopped', () => {
    const script = 'kill -STOP $PPID; date +%s; ls / | wc -l; date +%s; kill -CONT $PPID'
    expect(covered('sh', '-c', script).stdout).toMatch(new RegExp(`^${EPOCH}\n\\d+\n${EPOCH}\n$`))
  })

  test('programs that it is told to start, and its own explanations', () => {
    expect(covered(LOADER, '/bin/date', '+%s').stdout).toBe(`${EPOCH}\n`)
    expect(covered('sh', '-c', `${LOADER} --version | head -n 1`).stdout).toMatch(/^ld\.so /)
    expect(covered('sh', '-c', 'ldd /bin/date').stdout).toContain(LOADER)
  })

  test('programs that start beside few descriptors and little memory', () => {
    const script = 'ulimit -n 4; ulimit -v 100000; date +%s'
    expect(covered('sh', '-c', script).stdout).toBe(`${EPOCH}\n`)
  })

  test('programs of another root, where the image is not: the supervisor does, as ever', () => {
    const libraries = '/lib/x86_64-linux-gnu/libc.so.6'
    const script = `mkdir -p root/lib64 root/lib/x86_64-linux-gnu root/bin
touch root${LOADER}; cp ${libraries} root/lib/x86_64-linux-gnu; cp /bin/date root/bin
unshare -rm sh -c 'mount --bind ${LOADER} root${LOADER}; exec chroot root /bin/date +%s'
unshare -rm sh -c 'mount -t tmpfs none /mnt; head -c 4 ${LOADER} | tail -c 3'`
    expect(covered('sh', '-c', script)).toMatchObject({ stdout: `${EPOCH}\nELF`, stderr: '' })
  })

  test('programs of another user', ({ skip }) => {
    if (process.getuid?.() !== 0) return skip('only root can become another user')
    const other = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups']
    expect(covered(...other, 'date', '+%s').stdout).toBe(`${EPOCH}\n`)
  })
})

describe('a loader that is covered looks as it is', () => {
  const digest = run('sha256sum', [LOADER], folder).stdout.slice(0, 64)

  test.each([
    ['by read', `cat ${LOADER}`],
    ['by a copy within the kernel', `cp --sparse=never ${LOADER} copy; cat copy`],
    ['by another name', `ln -sf ${LOADER} link; cat link`],
    ['by the name of a file that is replaced', `ln -sf ${LOADER} version; cat version`],
    ['by a descriptor', `exec 3< ${LOADER}; cat /proc/self/fd/3`],
    ['from its folder', 'cd /lib64; cat ld-linux-x86-64.so.2'],
    [
      'by mmap',
      `python3 -c 'import mmap, sys; f = open("${LOADER}", "rb"); sys.stdout.buffer.write(mmap.mmap(f.fileno(), 0, prot=1))'`,
    ],
  ])('%s', (_name, command) => {
    expect(covered('sh', '-c', `(${command}) | sha256sum`)).toMatchObject({
      stdout: `${digest}  -\n`,
      stderr: '',
    })
  })

  test('to stat, by path and by descriptor, and to those who list its folder', () => {
    const script = `stat -L -c '%a %h %s %u %d %i' ${LOADER}; stat -L -c '%a %h %s %u %d %i' - < ${LOADER}
python3 -c 'import os; print(*[(e.inode() == e.stat(follow_symlinks=False).st_ino) for e in os.scandir(os.path.dirname(os.path.realpath("${LOADER}"))) if e.name.startswith("ld-linux")])'`
    const [byPath, byDescriptor, isListed] = covered('sh', '-c', script).stdout.split('\n')
    const { stdout } = run('stat', ['-L', '-c', '%a 1 %s 0', LOADER], folder)
    expect(byPath).toMatch(new RegExp(`^${stdout.trim()} \\d+ \\d+$`))
    expect(byDescriptor).toBe(byPath)
    expect(isListed).toBe('True')
  })

  test('and cannot be written', () => {
    const { stderr } = covered('sh', '-c', `: > ${LOADER}`)
    expect(stderr).toContain('Read-only file system')
  })
})

describe('the C library of a covered loader', () => {
  const library = join(dirname(realpathSync(LOADER)), 'libc.so.6')
  const [digest] = run('sha256sum', [library], folder).stdout.split(' ')

  test('is mapped with redirected code', () => {
    const { stdout } = covered('sh', '-c', 'cat /proc/self/maps')
    const code = stdout.split('\n').filter(line => line.includes(' r-xp ') && /libc|library/.test(line))
    expect(code).toEqual([expect.stringMatching(/\/tracer\/library-0$/)])
  })

  test.each([
    ['read', `cat ${library}`],
    [
      'mapped to be executed, as a whole',
      `python3 -c 'import mmap, sys; f = open("${library}", "rb"); sys.stdout.buffer.write(mmap.mmap(f.fileno(), 0, mmap.MAP_PRIVATE, 5))'`,
    ],
    ['copied, and the copy is mapped', `cp ${library} . && cat libc.so.6 && LD_LIBRARY_PATH=. date +%s >&2`],
  ])('has its own bytes when it is %s', (_name, command) => {
    const { stdout } = covered('sh', '-c', `(${command}) | sha256sum`)
    expect(stdout).toBe(`${digest}  -\n`)
  })
})

test('what is no loader, or has no room, is left alone', () => {
  writeFileSync(join(folder, 'empty'), '')
  compile(folder, 'static', ['-static', join(here, 'calls.c')].slice(0, 1).concat(join(here, 'deadlines.c')))
  for (const file of ['empty', 'static', '/etc/passwd'])
    expect(run(join(folder, 'traced'), [`--loader=${file}`, '--', 'true'], folder).stderr).toContain(
      'Exec format error',
    )
})
