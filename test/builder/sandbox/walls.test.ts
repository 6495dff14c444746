import { existsSync, lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  askWalls,
  BUILD_USER,
  callers,
  LINK,
  makeWorkshop,
  OUT,
  ownTree,
  someInputs,
  TREE,
  WALLS,
  type Workshop,
} from '../../support/sandbox.js'

let workshop: Workshop
beforeAll(async () => {
  workshop = await makeWorkshop()
})
afterAll(() => workshop[Symbol.asyncDispose]())

describe.each(callers)('a sandbox made by %s', caller => {
  const ask = (args: string, attempt = {}) => askWalls(workshop, args, { caller, ...attempt })

  test('has nothing at its root but what the design names', async () => {
    expect((await ask('list /')).lines).toEqual(['dev', 'etc', 'proc', 'store', 'tmp'])
    expect((await ask('list /etc -- list /tmp')).lines).toEqual(['group', 'hosts', 'passwd', 'guix-build-0'])
    expect((await ask('list /dev')).lines).toEqual(
      'fd full null ptmx pts random shm stderr stdin stdout tty urandom zero'.split(' '),
    )
  })

  test('shows in /store exactly its inputs: trees, files and symlinks', async () => {
    const { lines } = await ask(`list /store -- cat /store/${LINK}`, { inputs: someInputs(workshop) })
    expect(lines).toEqual([WALLS, TREE, LINK, 'input'])
  })

  test('has /bin/sh only where it is given', async () => {
    expect((await ask('list /bin')).lines).toEqual(['/bin ENOENT'])
    expect((await ask('list /bin', { shell: `/store/${WALLS}` })).lines).toEqual(['sh'])
  })

  test('shows no home and no other file of the host', async () => {
    const { lines } = await ask('list /home -- list /root -- list /usr -- list /sys -- list /proc/1/cwd')
    expect(lines).toEqual([
      '/home ENOENT',
      '/root ENOENT',
      '/usr ENOENT',
      '/sys ENOENT',
      '/proc/1/cwd EACCES',
    ])
  })

  test('gives the environment it was told and nothing else', async () => {
    const env = new Map([
      ['B', '1'],
      ['A', 'two words'],
    ])
    expect((await ask('env', { env })).lines).toEqual(['B=1', 'A=two words'])
  })

  test('runs its builder as uid 0 in pid 2, in its own session and directory', async () => {
    const { lines } = await ask('ids')
    expect(lines.filter(line => !line.startsWith('groups'))).toEqual([
      'uid 0 0 0',
      'gid 0 0 0',
      'setgroups EPERM',
      'cwd /tmp/guix-build-0',
      'pid 2 ppid 1 session 2',
    ])
  })

  if (caller === 'root')
    test("leaves root's groups behind", async () => {
      const helper = join(workshop.directory, 'grouped')
      await writeFile(
        helper,
        `#!/bin/sh\nexec setpriv --groups 27,100 '${workshop.helperOf(caller)}' "$@"\n`,
        {
          mode: 0o755,
        },
      )
      expect((await ask('ids', { helper })).lines).toContain('groups 0')
    })

  test('runs an unprivileged builder as 1000:1000 without capabilities', async () => {
    const { lines } = await ask('ids -- cat /proc/self/status', { user: 'unprivileged' })
    expect(lines.slice(0, 2)).toEqual(['uid 1000 1000 1000', 'gid 1000 1000 1000'])
    const sets = lines.filter(line => line.startsWith('Cap')).map(line => line.split('\t')[1])
    expect(sets).toEqual(Array(5).fill('0000000000000000'))
    expect((await ask('cat /etc/passwd', { user: 'unprivileged' })).output).toContain(
      'guix-build:x:1000:1000:',
    )
  })

  test('names its users guix-build, root and nobody', async () => {
    expect((await ask('cat /etc/passwd -- cat /etc/group -- cat /etc/hosts')).lines).toEqual([
      'guix-build:x:0:0:Build user:/homeless-shelter:/bin/sh',
      'root:x:0:0:Build user:/homeless-shelter:/bin/sh',
      'nobody:x:65534:65534:Nobody:/:/bin/false',
      'guix-build:x:0:',
      'root:x:0:',
      'nobody:x:65534:',
      '127.0.0.1 localhost',
      '::1 localhost',
    ])
  })

  test('leaves root its seven capabilities over its own files', async () => {
    const { lines } = await ask('cat /proc/self/status')
    const sets = Object.fromEntries(
      lines.filter(line => line.startsWith('Cap')).map(line => line.split(':\t')),
    )
    // chown, dac_override, fowner, fsetid, kill, setgid, setuid
    const seven = '00000000000000fb'
    expect(sets).toEqual({
      CapInh: '0000000000000000',
      CapPrm: seven,
      CapEff: seven,
      CapBnd: seven,
      CapAmb: '0000000000000000',
    })
  })

  test('shares no namespace with its caller', async () => {
    const own = (await ask('namespaces')).lines.filter(line => line.includes('['))
    const kinds = ['user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup', 'time']
    expect(own.map(line => line.split(':')[0])).toEqual(kinds)
    expect(own.filter(link => kinds.some(kind => readlinkSync(`/proc/self/ns/${kind}`) === link))).toEqual([])
  })

  test('has one interface, on which it can talk to itself and nobody else', async () => {
    expect((await ask('interfaces -- network 192.0.2.1')).lines).toEqual([
      'lo',
      'far ENETUNREACH',
      'loopback ok',
    ])
  })

  test('sees no processes but its own', async () => {
    const { lines } = await ask('list /proc')
    expect(lines.filter(name => /^\d+$/.test(name))).toEqual(['1', '2'])
  })

  test('tells of its first process no more than a name', async () => {
    expect((await ask('cat /proc/1/cmdline')).output).toBe(`sandbox\0build\0${'0'.repeat(10)}\0`)
  })

  test('refuses to write into an input, whoever owns it and whatever is tried', async () => {
    const tree = await ownTree(workshop, caller)
    const inputs = [
      { path: WALLS, host: workshop.walls },
      { path: TREE, host: tree },
    ]
    const { output } = await ask(`attack /store/${TREE} file -- cat /store/${TREE}/file`, { inputs })
    expect(output.split('in a namespace of its own\n').map(part => part.trimEnd().split('\n'))).toEqual([
      [
        'open EROFS',
        'truncate EROFS',
        'chmod EROFS',
        'chmod-directory EROFS',
        'open-after-chmod EROFS',
        'unlink EROFS',
        'rmdir EBUSY',
        'rename EBUSY',
        'replace EBUSY',
        'remount EPERM',
        'umount EPERM',
        'umount-store EPERM',
        'open-after-mount EROFS',
      ],
      [
        'remount EPERM',
        'umount EINVAL',
        'umount-store EINVAL',
        'open-after-mount EROFS',
        'bind-below EINVAL',
        'input',
      ],
    ])
    expect(readFileSync(join(tree, 'file'), 'utf8')).toBe('input\n')
    expect(statSync(tree).mode & 0o777).toBe(0o755)
  })

  test('binds inputs from a file system whose mount flags it may not lift', async () => {
    const tree = await ownTree(workshop, caller)
    const helper = join(workshop.directory, `mounting-${caller.replaceAll(' ', '-')}`)
    const unshare = process.getuid!() === 0 ? 'unshare -m' : 'unshare -Urm'
    const mount = `mount -t tmpfs -o noexec,noatime,mode=755 tree '${tree}' && echo locked > '${tree}/file'`
    const script = `${mount} && exec '${workshop.helperOf(caller)}' "$@"`
    await writeFile(
      helper,
      `#!/bin/sh\nexec ${unshare} sh -c '${script.replaceAll("'", `'\\''`)}' sh "$@"\n`,
      {
        mode: 0o755,
      },
    )
    const inputs = [
      { path: WALLS, host: workshop.walls },
      { path: TREE, host: tree },
    ]
    const { lines } = await ask(`cat /store/${TREE}/file -- cat /proc/self/mountinfo`, { inputs, helper })
    expect(lines[0]).toBe('locked')
    expect(lines.find(line => line.includes(` /store/${TREE} `))).toContain(
      ' ro,nosuid,nodev,noexec,noatime ',
    )
  })

  test('refuses what reaches beyond it', async () => {
    expect((await ask('forbidden')).lines).toEqual([
      'mknod EPERM',
      'mount EPERM',
      'chroot EPERM',
      'sethostname EPERM',
      'write-root EROFS',
      'write-etc EROFS',
      'write-dev EROFS',
      'chown-foreign EINVAL',
      // Pid 1 of a namespace is deaf to the signals of its children.
      'kill-init ok',
      'read-init EACCES',
      'init-root EACCES',
      'init-environ EACCES',
      'init-mem EACCES',
      'tty ENXIO',
      expect.stringMatching(/^sysrq (ENOENT|EACCES)$/),
    ])
  })

  test('has the devices programs need', async () => {
    expect((await ask('devices')).lines).toEqual([
      'zero ok',
      'null ok',
      'full ENOSPC',
      'urandom ok',
      'ptmx ok',
      'shm ok',
      'stdout ok',
      'fd ok',
    ])
  })

  test('starts with empty input, umask 022, its own host name, fixed addresses and young clocks', async () => {
    expect((await ask('state')).lines).toEqual([
      'stdin 0 bytes of 1:3',
      'umask 022',
      'host localhost (none)',
      expect.stringMatching(/^monotonic [0-3]$/),
      expect.stringMatching(/^boottime [0-3]$/),
      'personality 40000',
      'no-new-privs 1',
    ])
  })

  test('has the same limits, signals and open files whatever its caller has', async () => {
    const helper = workshop.helperOf(caller)
    const odd = join(workshop.directory, `odd-${caller.replaceAll(' ', '-')}`)
    await writeFile(
      odd,
      `#!/bin/sh
ulimit -S -n 100; ulimit -S -s 1024; ulimit -c unlimited 2>/dev/null; ulimit -S -f 1000000
umask 077
trap '' PIPE HUP USR1
exec 9</dev/null
exec "${helper}" "$@"
`,
      { mode: 0o755 },
    )
    expect((await ask('limits -- signals -- files', { helper: odd })).lines).toEqual([
      'files 1024 4096',
      'core 0 0',
      'stack 8388608 1073741824',
      'size -1 -1',
      '0',
      '1',
      '2',
    ])
  })

  test('is killed before other programs when memory runs out', async () => {
    expect(Number((await ask('cat /proc/self/oom_score_adj')).output)).toBeGreaterThanOrEqual(500)
  })

  test('kills what a builder leaves behind before it reports', async () => {
    const { exit, staging } = await ask('daemon /tmp/beat')
    expect(exit).toEqual({ kind: 'exited', status: 0 })
    const beat = join(staging, 'tmp/beat')
    const size = statSync(beat).size
    expect(size).toBeGreaterThan(0)
    await delay(50)
    expect(statSync(beat).size).toBe(size)
  })

  test('keeps a setuid program out of reach and without power', async () => {
    const { staging, lines } = await ask('setuid-file /store/tool -- cat /proc/self/mountinfo')
    expect(lines.slice(0, 2)).toEqual(['write ok', 'chmod ok'])
    expect(statSync(join(staging, 'store/tool')).uid).not.toBe(0)
    expect(statSync(staging).mode & 0o777).toBe(0o700)
    for (const target of ['/store', '/tmp', `/store/${WALLS}`]) {
      expect(lines.find(line => line.split(' ')[4] === target)).toMatch(/ (rw|ro),nosuid,nodev/)
    }
  })

  test.each(['file', 'link', 'directory'])('takes an output that is a %s', async kind => {
    const { lines, staging } = await ask(`make ${kind} /store/${OUT}`)
    expect(lines).toEqual([`${kind} ok`])
    const status = lstatSync(join(staging, 'store', OUT))
    const is = { file: status.isFile(), link: status.isSymbolicLink(), directory: status.isDirectory() }
    expect(Object.entries(is).filter(([, value]) => value)).toEqual([[kind, true]])
    if (caller === 'root') expect(status.uid).toBe(BUILD_USER.uid)
  })

  test('lets a builder remove and remake its output', async () => {
    const { lines } = await ask(`remake /store/${OUT}`)
    expect(lines).toEqual(['directory ok', 'chown ok', 'rmdir ok', 'file ok', 'unlink ok', 'link ok'])
  })

  test('leaves nothing mounted on the host', async () => {
    await ask('list /', { inputs: someInputs(workshop) })
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(workshop.directory)
    expect(existsSync(join(workshop.directory, 'tree/file'))).toBe(true)
  })
})
