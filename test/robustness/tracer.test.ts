import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { constants, cpus, getPriority, release } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { whyNoTrap } from '../support/counter.js'
import { compile as compileIn, type Host, makeDriver, onHost, run } from '../support/traced.js'

const EPOCH = '1700000000'
const here = join(import.meta.dirname, '../native')
const folder = makeDriver('tracer', [
  'entries',
  'waits',
  'deadlines',
  'directories',
  'counter',
  'affinity',
  'ipc',
  'niceness',
  'relaxed',
])

/** What CI installs: a program that is missing fails the test that needs it. */
const need = (program: string): void => {
  const found = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
  if (!found) throw new Error(`This test needs ${program}, which is not installed`)
}

/** Tells the time, and starts what it is given. */
const CHAIN = `#include <stdio.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv) {
  printf("%ld\\n", (long)time(0));
  fflush(stdout);
  return argc > 1 ? execv(argv[1], argv + 1) : 0;
}`

const LEAVES = `#include <csignal>
#include <cstdio>
#include <ctime>
struct caught { const char *what; };
static void leave(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, number);
  sigprocmask(SIG_UNBLOCK, &set, 0);
  throw caught{number == SIGSEGV ? "fault" : "division"};
}
int main() {
  signal(SIGSEGV, leave);
  signal(SIGFPE, leave);
  volatile int zero = 0;
  for (int i = 0; i < 2; i++) {
    try { *(volatile int *)8 = 1; } catch (const caught &c) { std::puts(c.what); }
    try { zero = 1 / zero; } catch (const caught &c) { std::printf("%s %ld\\n", c.what, (long)std::time(0)); }
  }
}`

/** A null pointer, 10,000 times: Java makes exceptions of the signals. */
const FAULTS = `public class Faults {
  static int[] none;
  public static void main(String[] arguments) {
    long before = System.nanoTime();
    int caught = 0;
    for (int i = 0; i < 10000; i++) try { caught += none.length; } catch (NullPointerException e) { caught++; }
    System.out.println(caught + " " + (System.nanoTime() > before));
  }
}`

const FAULT = `package main
import "fmt"
func main() {
	defer func() { fmt.Println(recover()) }()
	var none *int
	fmt.Println(*none)
}`

/** Runs a program under the tracer. */
const traced = (args: readonly string[], { cwd = folder, options = [] as string[] } = {}) =>
  run(join(folder, 'traced'), [`--epoch=${EPOCH}`, ...options, '--', ...args], cwd)

const compile = (output: string, args: readonly string[], cc = 'cc') => compileIn(folder, output, args, cc)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the tracer reaches', () => {
  const ways = readFileSync(join(here, 'entries.c'), 'utf8').matchAll(/\{ "([a-z-]+)", [a-z_]+ \}/g)

  test.each([...ways].map(match => match[1] as string))('%s', way => {
    const { stdout, stderr, status } = traced(['./entries', way])
    const times = stdout.trim().split('\n')
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    expect(times.length).toBeGreaterThan(0)
    for (const line of times) expect(line).toMatch(new RegExp(`^[^ ]+: ${EPOCH}$`))
  })

  const kinds: [string, string, string[]][] = [
    ['a dynamic program', 'cc', []],
    ['a static program', 'cc', ['-static']],
    ['a static position-independent program', 'cc', ['-static-pie']],
    ['a program of musl', 'musl-gcc', []],
    ['a static program of musl', 'musl-gcc', ['-static']],
  ]
  test.each(kinds)('%s', (_name, cc, flags) => {
    need(cc)
    const source = join(folder, 'now.c')
    writeFileSync(
      source,
      '#include <stdio.h>\n#include <time.h>\nint main(void) { printf("%ld\\n", (long)time(0)); }\n',
    )
    compile('now', [...flags, source], cc)
    expect(traced(['./now']).stdout).toBe(`${EPOCH}\n`)
    expect(traced(['sh', '-c', './now; ./now | cat; date +%s']).stdout).toBe(`${EPOCH}\n`.repeat(3))
  })

  test('a program that may be run but not read', ({ skip }) => {
    if (process.getuid?.() !== 0) return skip('only root can start a program as another user')
    const script =
      'cp now readable; cp now unreadable; chmod 0111 unreadable; exec setpriv --reuid=1000 --regid=1000 --clear-groups ./unreadable'
    spawnSync('chmod', ['755', folder])
    expect(traced(['sh', '-c', script]).stdout).toBe(`${EPOCH}\n`)
  })

  test('static programs that dynamic ones start, and back', () => {
    const source = join(folder, 'chain.c')
    writeFileSync(source, CHAIN)
    compile('dynamic', [source])
    compile('static', ['-static', source])
    compile('musl', [source], 'musl-gcc')
    compile('musl-static', ['-static', source], 'musl-gcc')
    const chain = ['dynamic', 'static', 'musl', 'static', 'dynamic', 'musl-static', 'musl', 'musl-static']
    const { stdout } = traced(['./static', ...chain.map(name => `./${name}`)])
    expect(stdout).toBe(`${EPOCH}\n`.repeat(chain.length + 1))
  })

  test('a program in an empty root, or in namespaces of its own', () => {
    need('musl-gcc')
    const source = join(folder, 'chain.c')
    writeFileSync(source, CHAIN)
    mkdirSync(join(folder, 'root'), { recursive: true })
    compile('root/alone', ['-static', source], 'musl-gcc')
    expect(traced(['unshare', '-r', 'chroot', 'root', '/alone', '/alone']).stdout).toBe(
      `${EPOCH}\n`.repeat(2),
    )
    const inside = ['unshare', '-rmpf', '--mount-proc', 'sh', '-c', 'date +%s; ls -d /proc/1']
    expect(traced(inside).stdout).toBe(`${EPOCH}\n/proc/1\n`)
  })

  test('no program that makes a call of its own first: it is ended, and counted by name', () => {
    const source = join(folder, 'bare.s')
    writeFileSync(
      source,
      '.globl _start\n_start: sub $32,%rsp\nmov $228,%eax\nxor %edi,%edi\nmov %rsp,%rsi\nsyscall\nmov $231,%eax\nxor %edi,%edi\nsyscall\n',
    )
    compile('bare', ['-nostdlib', '-static', source])
    expect(traced(['./bare']).status).toBe(128 + 31)
    const counts = join(folder, 'bare-counts')
    const { stdout } = traced(['sh', '-c', './bare; date +%s'], { options: [`--counts=${counts}`] })
    expect(stdout).toBe(`${EPOCH}\n`)
    expect(readFileSync(counts, 'utf8')).toMatch(/^\.\/bare untraced=1$/m)
  })

  test('no program within another tracer, and says so', () => {
    const { status, stderr } = traced([join(folder, 'traced'), '--', 'date'])
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringContaining('traced: accept: ') })
    const probed = traced([join(import.meta.dirname, '../../dist/native/sandbox'), 'probe']).stdout
    expect(probed).toMatch(/^seccomp-notification 16$/m)
  })
})

describe('a program of C++', () => {
  test('leaves handlers of signals by exceptions', () => {
    need('g++')
    const source = join(folder, 'leaves.cc')
    writeFileSync(source, LEAVES)
    compile('leaves', ['-fnon-call-exceptions', source], 'g++')
    expect(traced(['./leaves']).stdout).toBe(`fault\ndivision ${EPOCH}\nfault\ndivision ${EPOCH}\n`)
  })
})

test('make sees no file of the future, and builds nothing twice', () => {
  const place = join(folder, 'make')
  mkdirSync(place)
  writeFileSync(join(place, 'Makefile'), 'out: in\n\tcp in out\n')
  writeFileSync(join(place, 'in'), 'newer than the epoch\n')
  // Two changes within a tick of the kernel's clock can have one time, traced or not.
  const script = 'make; make; sleep 0.02; touch in; make'
  const { stdout, stderr } = traced(['sh', '-c', script], { cwd: place })
  expect(stderr).toBe('')
  expect(stdout).toBe("cp in out\nmake: 'out' is up to date.\ncp in out\n")
})

test('random bytes end neither at 256 KiB nor at the limit for files', () => {
  const sizes = 'head -c 3M /dev/urandom | wc -c; ulimit -f 100; head -c 8 /dev/urandom | wc -c'
  expect(traced(['sh', '-c', sizes]).stdout).toBe(`${3 << 20}\n8\n`)
  const beyond = ['sh', '-c', 'head -c 600K /dev/urandom | tail -c 64 | od -An -tx8']
  const first = traced(beyond).stdout
  expect(traced(beyond).stdout).toBe(first)
  expect(first).not.toMatch(/0000000000000000/)
})

test('two MiB of random bytes are random', () => {
  const late = ['sh', '-c', 'head -c 2M /dev/urandom | tee whole | gzip | wc -c; md5sum <whole']
  const first = traced(late).stdout
  expect(traced(late).stdout).toBe(first)
  expect(Number(first.split('\n')[0])).toBeGreaterThan(2 << 20)
  const letters = 'LC_ALL=C tr -dc A-Z </dev/urandom | head -c 200000 | wc -c'
  expect(traced(['sh', '-c', letters]).stdout).toBe('200000\n')
})

test("a file that is replaced takes no second descriptor, and is never the host's own", () => {
  const first = (file: string) =>
    traced(['bash', '-c', `ulimit -n 4; exec perl -e 'open F, "<${file}" or die $!; print scalar <F>'`])
      .stdout
  expect(first('/proc/uptime')).toBe('1000.00 8000.00\n')
  expect(first('/proc/mounts')).toMatch(/^none \S+ \S+ r[ow] 0 0\n$/)
})

test('a file that is replaced is whole under any limit for files', () => {
  const read = (limit: number, command: string) =>
    traced(['bash', '-c', `ulimit -f ${limit}; ${command}`]).stdout
  expect(read(0, 'cat /proc/uptime')).toBe('1000.00 8000.00\n')
  expect(read(1, 'cat /proc/cpuinfo')).toBe(traced(['cat', '/proc/cpuinfo']).stdout)
  expect(read(0, 'head -c 8 /dev/urandom | od -An -tx8')).toMatch(/^ [0-9a-f]{16}\n$/)
})

test('all of many mounts are told', () => {
  mkdirSync(join(folder, 'mounts'))
  const script = `mount -t tmpfs none mounts; cd mounts; n=$(wc -l < /proc/self/mountinfo)
for i in $(seq 300); do d=a-folder-of-a-long-name-in-which-there-is-another-file-system-$i; mkdir $d; mount --bind $d $d; done
for file in mountinfo mounts; do echo $(($(wc -l < /proc/self/$file) - n)) $(tail -n 1 /proc/self/$file); done`
  const last = `${folder}/mounts/a-folder-of-a-long-name-in-which-there-is-another-file-system-300`
  expect(traced(['unshare', '-rm', 'bash', '-c', script]).stdout).toMatch(
    new RegExp(`^300 \\d+ 1 8:1 / ${last} rw - .*\n300 none ${last} .*\n$`),
  )
})

describe('a build sees the same', () => {
  const observe = (host: Host) => onHost(folder, host, ['sh', join(here, 'observe.sh')])
  const names = Array.from({ length: 400 }, (_, i) => `name-${(i * 7919) % 1000}`)

  test('twice, whatever the order of its files, the file system, the processors or the time', async () => {
    const first = observe({ names })
    expect(first).toContain('== addresses')
    expect(first).not.toMatch(/observed: |denied|not permitted/)
    expect(observe({ names: names.toReversed() })).toBe(first)
    expect(observe({ names: names.toSorted(), under: '/dev/shm' })).toBe(first)
    expect(observe({ names, before: ['taskset', '1'] })).toBe(first)
    expect(observe({ names, overlay: true })).toBe(first)
    expect(observe({ names, before: ['nice'], busy: true })).toBe(first)
  })
})

describe('the clock of a build', () => {
  const ways = [...readFileSync(join(here, 'waits.c'), 'utf8').matchAll(/\{ "([a-z]+)", by_/g)].map(
    match => match[1] as string,
  )
  const expected: Record<string, string> = {
    timer: '0 tenths, waited',
    timerfd: '0 tenths, waited',
    thread: '0 tenths, waited',
    reading: '3 tenths, at once',
  }

  test.each(ways)('moves as far as it should by %s', way => {
    expect(traced(['./waits', way]).stdout).toBe(`waits/${way}: ${expected[way] ?? '3 tenths, waited'}\n`)
  })

  test.each(ways)('is the real one for %s where it is left to the host', way => {
    const { stdout } = traced(['./waits', way], { options: ['--relax=0x2'] })
    expect(stdout).toMatch(new RegExp(`^waits/${way}: ([3-9]|\\d\\d) tenths, waited\n$`))
  })

  test('is waited for as ever, for ever, or not at all', () => {
    const outside = run(join(folder, 'deadlines'), [], folder)
    expect(outside.stdout).toMatch(/^realtime futex until 8000000000\.0: EINTR$/m)
    expect(outside.stdout).toMatch(/^monotonic timer: as set$/m)
    expect(traced(['./deadlines'])).toEqual(outside)
  })

  test('is waited for by Python for as long as it can', () => {
    const script =
      'import threading, time; e = threading.Event(); threading.Timer(.2, e.set).start(); print(e.wait(threading.TIMEOUT_MAX), int(time.time()))'
    expect(traced(['python3', '-c', script])).toMatchObject({ stdout: `True ${EPOCH}\n`, stderr: '' })
  })

  test('moves on for a loop of the shell that only reads it', () => {
    const loop = 's=$(date +%s); until [ $(date +%s) -gt $s ]; do :; done; echo ended'
    expect(traced(['sh', '-c', loop]).stdout).toBe('ended\n')
  })
})

test('the time that children have used is nothing at first, and goes on for a loop that waits for some', () => {
  const loops = `import os, resource
first = os.times().children_user, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
reads = 2
while os.times().children_user < .5: reads += 1
while resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime < .2: reads += 1
print(*first, reads)`
  expect(traced(['python3', '-c', loops]).stdout).toBe('0.0 0.0 264\n')
})

test('a directory is sorted whatever is done to it meanwhile', () => {
  expect(traced(['./directories']).stdout).toBe('sorted\n')
})

test('directories of all sizes are whole and sorted, also to threads that read them at once', () => {
  const program = `import os, threading
def check(size, name):
    os.mkdir(name)
    for i in range(size): open(f'{name}/{i * 7919 % 1000:03}' + 'x' * (i % 20), 'w').close()
    for _ in range(20):
        seen = os.listdir(name)
        assert seen == sorted(seen) and len(seen) == size, (size, len(seen))
def all(thread):
    for size in [*range(0, 140, 3), 600]: check(size, f'{thread}-{size}')
threads = [threading.Thread(target=all, args=[n]) for n in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print('sorted')`
  expect(traced(['python3', '-c', program])).toMatchObject({ stdout: 'sorted\n', stderr: '' })
})

describe('the settings', () => {
  const list = 'mkdir -p l; touch l/a l/c l/b; ls -U l | tr -d "\\n"'

  test('turn the order of directories round', () => {
    expect(traced(['sh', '-c', list]).stdout).toBe('abc')
    expect(traced(['sh', '-c', list], { options: ['--order=1'] }).stdout).toBe('cba')
  })

  test('change the random bytes', () => {
    const bytes = ['head', '-c', '8', '/dev/urandom']
    const first = traced(bytes).stdout
    expect(traced(bytes).stdout).toBe(first)
    expect(traced(bytes, { options: ['--seed=7'] }).stdout).not.toBe(first)
  })

  const classes: [string, number, (found: string, usual: string) => void][] = [
    ['clock', 1, found => expect(found).toMatch(/^(\d+) \1 \1$/)],
    ['file', 3, found => expect(found).toBe(numbers())],
    ['random', 5, (found, usual) => found.split(' ').forEach(word => void expect(usual).not.toContain(word))],
    [
      'machine',
      6,
      found => expect(found).toBe(`${release()} ${cpus().length} ${getPriority()} ${getPriority()}`),
    ],
    ['usage', 7, found => expect(found).toBe('wait4 1 self 1 children 1 times 1 1 clocks 1 1 stat 1')],
  ]
  const numbers = () => {
    const { ino } = statSync(join(folder, 'relaxed'))
    return `${ino} ${ino} ${ino}`
  }
  const seen = (relaxed: number) =>
    new Map(
      traced(['./relaxed'], { options: [`--relax=${relaxed}`] })
        .stdout.trim()
        .split('\n')
        .map((line): [string, string] => line.split(': ') as [string, string]),
    )

  test.each(classes)('leave the class %s to the host, all of it and nothing else', (name, bit, check) => {
    const [usual, relaxed] = [seen(0), seen(1 << bit)]
    expect([...usual.keys()].toSorted()).toEqual(classes.map(([name]) => name).toSorted())
    expect([...usual].filter(([key, found]) => relaxed.get(key) !== found).map(([key]) => key)).toEqual([
      name,
    ])
    check(relaxed.get(name)!, usual.get(name)!)
  })

  test('leave the order of directories to the host, but not its numbers', () => {
    expect(seen(1 << 4)).toEqual(seen(0))
    expect(seen(0).get('file')).toMatch(/^(\d+) \1 \1$/)
    const names = Array.from({ length: 400 }, (_, i) => `name-${(i * 7919) % 1000}`)
    const ls = (...options: string[]) =>
      traced(['sh', '-c', 'mkdir -p many; cd many; touch "$@"; ls -U', 'sh', ...names], { options }).stdout
    const usual = ls().trim().split('\n')
    expect(usual).toEqual(names.toSorted())
    expect(ls('--relax=16').trim().split('\n')).toEqual(
      run('ls', ['-U', 'many'], folder).stdout.trim().split('\n'),
    )
    expect(ls('--relax=16').trim().split('\n')).not.toEqual(usual)
  })
})

describe('the time stamp counter, trapped, counts reads and waits in', () => {
  const options = ['--trap-tsc']
  const why = whyNoTrap()
  beforeEach(({ skip }) => {
    if (why !== undefined) skip(why)
  })
  const source = join(here, 'counter.c')
  const kinds: [string, string, string[]][] = [
    ['a dynamic program', 'cc', []],
    ['a static program', 'cc', ['-static']],
    ['a program of musl', 'musl-gcc', []],
    ['a static program of musl', 'musl-gcc', ['-static']],
  ]

  test.each(kinds)('%s, whose own faults are its own', (_name, cc, flags) => {
    compile('counts', [...flags, source, '-lpthread'], cc)
    const first = traced(['./counts'], { options })
    const lines = first.stdout.split('\n').slice(1, -2)
    expect(lines).toEqual([
      'own handlers: +4000 +1000 on 0',
      ...['stack overflow', 'ignored', 'all blocked', 'exec that failed', 'after a thread'].map(
        what => `${what}: +1000 +1000 on 0`,
      ),
      'after 200 ms: +200001000 +1000 on 0',
    ])
    expect(traced(['./counts'], { options })).toEqual(first)
  })

  test('programs that handle such faults all the time', () => {
    need('java')
    need('go')
    writeFileSync(join(folder, 'Faults.java'), FAULTS)
    expect(run('javac', ['Faults.java'], folder).stderr).toBe('')
    expect(traced(['java', '-cp', '.', 'Faults'], { options }).stdout).toBe('10000 true\n')
    writeFileSync(join(folder, 'fault.go'), FAULT)
    expect(run('go', ['build', '-o', 'fault', 'fault.go'], folder).stderr).toBe('')
    expect(traced(['./fault'], { options }).stdout).toContain('nil pointer dereference')
  })

  test('shells, scripts and what they start, and is counted by program', () => {
    const counts = join(folder, 'tsc-counts')
    const script = 'date +%s; echo $(date +%s) | cat; perl -e "print time"'
    const { stdout } = traced(['bash', '-c', script], { options: [...options, `--counts=${counts}`] })
    expect(stdout).toBe(`${EPOCH}\n${EPOCH}\n${EPOCH}`)
    expect(readFileSync(counts, 'utf8')).toMatch(/\/date .*tsc=\d/)
  })

  test('nothing, where it is not asked for', () => {
    expect(traced(['./counter', 'now']).stdout).not.toMatch(/: \+\d000 \+1000 on 0/)
  })
})

test('random bytes do not depend on the number of jobs', () => {
  const makefile = join(folder, 'Makefile')
  const names = Array.from({ length: 12 }, (_, i) => `o${i}`).join(' ')
  writeFileSync(
    makefile,
    `all: ${names}\n${names}:\n\t@head -c 8 /dev/urandom | od -x > $@; mktemp -u >> $@\n`,
  )
  const build = (jobs: string) => {
    for (const name of names.split(' ')) rmSync(join(folder, name), { force: true })
    expect(traced(['make', '-s', jobs]).status).toBe(0)
    return names.split(' ').map(name => readFileSync(join(folder, name), 'utf8'))
  }
  expect(build('-j4')).toEqual(build('-j1'))
})

describe('a machine of eight processors', () => {
  const answers = [
    ...[0, 1, 4, 7].map(size => `${size} bytes: EINVAL, 0 in 0`),
    '8 bytes: done 8, 8 in 8',
    '12 bytes: EINVAL, 0 in 0',
    ...[16, 24, 128, 1024].map(size => `${size} bytes: done 8, 8 in 8`),
    '536870912 bytes: EINVAL, 0 in 0',
    ...['nowhere: EFAULT', 'behind the edge: EFAULT', 'over the edge: EFAULT', 'at the edge: done 8'],
    ...['no process: ESRCH', 'no process, too small: EINVAL', ''],
  ]

  test('is seen by masks of any size', () => {
    expect(traced(['./affinity']).stdout.split('\n')).toEqual(answers)
  })

  test('is seen on a host of so many that its kernel takes no small mask', () => {
    compile('forbid', [join(here, 'forbid.c')])
    const call = ['204', String(constants.errno.EINVAL), '1', '8']
    const { stdout } = run('./forbid', [...call, './traced', '--', './affinity'], folder)
    expect(stdout.split('\n')).toEqual(answers)
  })
})

describe('files that show the host are replaced', () => {
  test.each([
    ['by a path from within /proc', 'cd /proc; cat uptime', /^1000.00 8000.00\n$/],
    ['by a path with detours', 'cat /proc/./sys/../uptime', /^1000.00 8000.00\n$/],
    ['by a link', 'cat /etc/mtab', /^none \S+ \S+ r[ow] 0 0\n/],
    ['by thread', 'cat /proc/thread-self/mountinfo', /^1 0 8:1 \/ /],
    ['with the mode they have', 'stat -Lc %a /proc/self/fd/5 5</proc/cpuinfo', /^444\n$/],
  ])('%s', (_name, script, expected) => {
    expect(traced(['sh', '-c', script]).stdout).toMatch(expected)
  })
})

test('a device shows no time but the epoch', () => {
  expect(traced(['stat', '-c', '%X %Y %Z', '/dev/null']).stdout).toBe(`${EPOCH} ${EPOCH} ${EPOCH}\n`)
})

test('memory, semaphores and queues of System V were made and used at the epoch, or never', () => {
  const outside = run('./ipc', [], folder).stdout
  expect(outside).toMatch(/^memory attached: never$/m)
  expect(traced(['./ipc']).stdout).toBe(outside.replaceAll(/: \d{6,}$/gm, `: ${EPOCH}`))
})

describe('how nice a build is', () => {
  const nice = (command: readonly string[]) =>
    run('nice', ['-n', '2', './traced', '--', ...command], folder).stdout
  beforeEach(({ skip }) => {
    if (getPriority() > 10) skip('this is too nice to be made nicer by 9')
  })

  test('counts from how nice its host has started it', () => {
    const expected = [
      ...['at first: 20, 0, 0 and 0, group 0', 'proc: 20 0', '3 more: 3', 'then: 17, 3, 3 and 0, group 3'],
      ...[
        'set to 5: 0',
        'then: 15, 5, 5 and 0, group 5',
        'proc: 25 5',
        'set to 7: 0',
        'then: 13, 7, 7 and 0, group 7',
      ],
      ...['too large: -1 E2BIG', 'nowhere: -1 EFAULT', 'nowhere: -1 EFAULT', 'no process: -1 ESRCH'],
      ...['nothing: -1 EINVAL', ''],
    ]
    expect(traced(['./niceness']).stdout.split('\n')).toEqual(expected)
    expect(nice(['./niceness']).split('\n')).toEqual(expected)
  })

  test('is what its programs make it', () => {
    expect(nice(['sh', '-c', 'nice; nice -n 3 nice; nice -n 3 nice -n 4 nice'])).toBe('0\n3\n7\n')
  })
})

test('counts come back by program and class', () => {
  const counts = join(folder, 'counts')
  traced(['sh', '-c', '/bin/date; /bin/date; /bin/uname'], { options: [`--counts=${counts}`] })
  const lines = readFileSync(counts, 'utf8')
  expect(lines).toMatch(/^\/bin\/date .*clock=2/m)
  expect(lines).toMatch(/^\/bin\/uname .*machine=1/m)
})

test('libraries that are mapped beyond their end are loaded', () => {
  const library = join(folder, 'library.c')
  const program = join(folder, 'loads.c')
  writeFileSync(library, 'char space[1 << 20];\nint one(void) { return 1 + space[0]; }\n')
  writeFileSync(program, '#include <stdio.h>\nint one(void);\nint main(void) { printf("%d\\n", one()); }\n')
  compile('libone.so', ['-shared', '-fPIC', '-Wl,-z,noseparate-code', library])
  compile('loads', [program, '-L.', '-lone', `-Wl,-rpath,${folder}`])
  expect(traced(['./loads']).stdout).toBe('1\n')
})

test.each([
  ['dynamic', 'cc', []],
  ['static', 'cc', ['-static']],
  ['static position-independent', 'cc', ['-static-pie']],
  ['dynamic, of musl', 'musl-gcc', []],
  ['static, of musl', 'musl-gcc', ['-static']],
])('the stack grows as far as it may in a program that is %s', (_name, cc, flags) => {
  need(cc)
  compile('deep', [...flags, join(here, 'deep.c')], cc)
  const script = 'ulimit -Ss 1048576; ./deep 1000; ulimit -s 300000; ./deep 200; ulimit -s 8192; ./deep 7'
  expect(traced(['bash', '-c', script]).stdout).toBe('1000 MB\n200 MB\n7 MB\n')
})

describe('a library whose calls are redirected', () => {
  const libraries = ['1', '2'].map(answer => `./answers-${answer}.so`)
  const [one, other] = libraries as [string, string]
  beforeAll(() => {
    for (const [i, library] of libraries.entries())
      compile(library, [
        ...['-shared', '-fPIC', '-Wl,--build-id=none', `-DANSWER=${i + 1}`],
        join(here, 'library.c'),
      ])
    compile('loads', [join(here, 'loads.c')])
  })

  test('makes those it asks for', () => {
    expect(traced(['./loads', one]).stdout).toContain('getppid as it is')
  })

  test('is told from one that differs in its code only', () => {
    const script = `
      cp ${one} linked.so; sleep 0.2; ./loads ./linked.so ${other}
      cp ${other} linked.so; sleep 0.2; ./loads ./linked.so
      mv linked.so again.so; ./loads ./again.so`
    expect(traced(['sh', '-c', script]).stdout.match(/answers \d/g)).toEqual(
      [1, 2, 2, 2].map(answer => `answers ${answer}`),
    )
  })

  test('is changed by a program for that program only', () => {
    const [first, ...others] = traced(['sh', '-c', `./loads ${one}; ./loads ${one}`]).stdout.split('\n')
    expect(first).toMatch(/^answers \d, getppid as it is, changed 42$/)
    expect(others).toEqual([first, ''])
  })
})

describe('works beside', () => {
  test.each([
    ['strace', ['strace', '-f', '-o', '/dev/null', 'date', '+%s']],
    ['gdb', ['gdb', '-q', '-batch', '-ex', 'run', '--args', 'date', '+%s']],
    ['small limits', ['bash', '-c', 'ulimit -v 100000 -n 5 -s 100; exec 3</dev/null; date +%s']],
    ['another layout', ['setarch', '--addr-compat-layout', 'date', '+%s']],
  ])('%s', (_name, command) => {
    need(command[0]!)
    expect(traced(command).stdout).toMatch(new RegExp(`^${EPOCH}$`, 'm'))
  })
})

test.each([
  ['open no file', 'n 3', 'another file'],
  ['have no more memory', 'v 20000', 'more memory'],
  ['have no more data', 'd 50', 'more memory'],
])('a program that may %s is ended by name', (_name, limit, what) => {
  const source = join(folder, 'chain.c')
  writeFileSync(source, CHAIN)
  compile('chain', ['-static', source])
  const { status, stderr } = traced(['bash', '-c', `ulimit -${limit}; exec ./chain`])
  expect(stderr).toContain(what)
  expect(status).toBe(128 + 9)
})

test('code of 32 bits is refused by name', ({ skip }) => {
  const source = join(folder, 'narrow.s')
  writeFileSync(source, '.globl _start\n_start: mov $1,%eax\nxor %ebx,%ebx\nint $0x80\n')
  compile('narrow', ['-nostdlib', '-static', source])
  if (spawnSync(join(folder, 'narrow')).signal === 'SIGSEGV')
    return skip('the kernel of this machine runs no 32-bit code')
  expect(traced(['./narrow']).stderr).toContain('it runs 32-bit code')
})
