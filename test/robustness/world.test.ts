import { execFileSync } from 'node:child_process'
import { lstat, mkdir, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { formatDigest, hashTree } from '../../store/index.js'
import { expectNoProcess } from '../support/leftovers.js'
import { buildScript } from '../support/recipes.js'
import { storeOf, type UserStore, users } from '../support/users.js'
import { readAttempts } from '../support/world.js'

const archive = fileURLToPath(new URL('../golden/archives/tiny.tar.gz', import.meta.url))

describe.each(users)('a build of $name', user => {
  let store: UserStore
  beforeAll(async () => {
    store = await storeOf(user, inject('seeded'))
  })
  afterAll(() => store[Symbol.asyncDispose]())

  /** Builds and gives the output's place on disk. */
  const build = async (script: string, fields = ''): Promise<string> => {
    const { status, output, stderr } = await buildScript(store, script, { fields })
    expect(status, stderr).toBe(0)
    return output
  }
  const fail = async (script: string, fields = '') => {
    const { status, stdout, stderr } = await buildScript(store, script, { fields })
    expect(stdout).toBe('')
    return { status, stderr }
  }

  test('cannot leave its sandbox, nor change it', async () => {
    const output = await build(await readAttempts())
    await expect(await readFile(output, 'utf8')).toMatchFileSnapshot('../golden/world/attempts.txt')
  })

  test('sees neither files nor processes of the host', async () => {
    const marker = join(store.path, 'home', 'marker')
    await writeFile(marker, 'of the host')
    const output = await build(`
      { for place in ${marker} /proc/[0-9]*/root${marker} /proc/[0-9]*/cwd/marker; do
          if [ -e "$place" ]; then echo "$place"; fi
        done
        echo /proc/[0-9]* | tr ' ' '\\n' | wc -l
      } > $out`)
    // Pid 1, the shell, and those that count.
    expect(Number(await readFile(output, 'utf8'))).toBeLessThan(8)
  })

  test('leaves no process behind, however it is detached', async () => {
    const output = await build(`
      nohup sleep 98765.4321 > /dev/null 2>&1 &
      (trap '' HUP TERM INT; exec sleep 98765.4321) &
      (exec < /dev/null > /dev/null 2>&1; (sleep 98765.4321 &) )
      sleep 98765.4321 > $out.late 2>&1 &
      while ! [ -e $out.late ]; do :; done
      rm -f $out.late
      (while :; do echo late >> $out; done) &
      while ! [ -s $out ]; do :; done`)
    const { narHash } = await hashTree(output)
    await expectNoProcess('98765.4321')
    await delay(100)
    expect((await hashTree(output)).narHash).toEqual(narHash)
    const { stdout } = await store.run(['info', '--json', output.slice(store.path.length)])
    expect(JSON.parse(stdout).narHash).toBe(formatDigest(narHash))
  })

  test('that fails leaves no process behind', async () => {
    const { status } = await fail('sleep 98764.4321 & exit 3')
    expect(status).toBe(100)
    await expectNoProcess('98764.4321')
  })

  test('has its output stripped of special bits, times and write permission', async () => {
    const output = await build(`
      mkdir $out $out/d $out/d/e
      cp ${'$'}{inputs%% *}/bin/bash $out/setuid; chmod 4755 $out/setuid; chmod 2755 $out/d; chmod 1777 $out/d/e
      echo x > $out/setgid; chmod 6711 $out/setgid; echo y > $out/closed; chmod 000 $out/closed
      mkdir $out/shut; echo z > $out/shut/z; chmod 000 $out/shut $out/d/e; touch -d 2001-02-03 $out/d; chmod 200 $out`)
    for (const [path, mode] of Object.entries({
      '.': 0o40555,
      setuid: 0o100555,
      setgid: 0o100555,
      closed: 0o100444,
      d: 0o40555,
      'd/e': 0o40555,
      shut: 0o40555,
      'shut/z': 0o100444,
    })) {
      const found = await lstat(join(output, path))
      expect(found.mode.toString(8), path).toBe(mode.toString(8))
      expect(found.mtimeMs, path).toBe(1000)
      expect(found.uid, path).toBe((await stat(join(store.path, 'store'))).uid)
    }
  })

  test('may make its output a file, a symlink, or anew', async () => {
    expect(await readFile(await build('echo file > $out'), 'utf8')).toBe('file\n')
    expect(await readlink(await build('ln -s /etc/passwd $out'))).toBe('/etc/passwd')
    expect(await readlink(await build('ln -s nowhere $out'))).toBe('nowhere')
    const output = await build('mkdir $out; echo a > $out/a; rm -rf $out; mkdir $out; echo b > $out/b')
    expect(await readdir(output)).toEqual(['b'])
    expect(await readdir(await build('mkdir $out.tmp; mv $out.tmp $out; mkdir -p $out/empty'))).toEqual([
      'empty',
    ])
  })

  test('whose output links to the host changes nothing there', async () => {
    const folder = join(store.path, 'outside')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'file'), 'outside', { mode: 0o666 })
    const before = await stat(join(folder, 'file'))
    const output = await build(`mkdir $out; ln -s ${folder} $out/folder; ln -s ${folder}/file $out/file`)
    expect(await readlink(join(output, 'folder'))).toBe(folder)
    expect(await stat(join(folder, 'file'))).toMatchObject({ mode: before.mode, mtimeMs: before.mtimeMs })
  })

  test('has several outputs, which may refer to each other in one direction', async () => {
    const script = 'mkdir $out $dev; echo $out > $dev/lib; echo text > $doc; ln -s $doc $out/doc'
    const output = await build(script, "outputs: ['out', 'dev', 'doc'],")
    const { stdout } = await store.run(['references', output.slice(store.path.length)])
    expect(stdout).toMatch(/^\/store\/[0-9a-z]{32}-it-1-doc\n$/)
    const circle = await fail(
      'mkdir $out $dev; echo $out > $dev/a; echo $dev > $out/b',
      "outputs: ['out', 'dev'],",
    )
    expect(circle.stderr).toContain('error[REFERENCE_CYCLE]: ')
  })

  test('is refused when it leaves what an object cannot be', async () => {
    const pipe = await fail('mkdir -p $out/share; mkfifo $out/share/pipe')
    expect(pipe.stderr).toMatch(/error\[BAD_OUTPUT\]: .*share\/pipe/)
    expect((await fail('mkfifo $out')).stderr).toContain('error[BAD_OUTPUT]: ')
    expect((await fail('true')).stderr).toMatch(/error\[BUILD_FAILED\]: .* did not make its output "out"/)
    const stray = await fail('mkdir $out /store/stray')
    expect(stray).toMatchObject({ status: 100, stderr: expect.stringContaining('no output: stray') })
    const undeclared = await fail(
      'mkdir $out; echo /store/00000000000000000000000000000000-made-up > $out/file',
    )
    expect(undeclared.stderr).toMatch(/error\[UNDECLARED_REFERENCE\]: .*\n *file names/)
  })

  test('that shuts its directories is cleaned up all the same', async () => {
    const script = 'echo x > $out; mkdir -p a/b; echo y > a/b/c; chmod 000 a/b a . /tmp'
    expect(await readFile(await build(script), 'utf8')).toBe('x\n')
    expect(await readdir(join(store.path, 'store/.staging'))).toEqual([])
  })

  test('that shuts the store directory fails or succeeds, and is cleaned up', async () => {
    const { status, stderr } = await buildScript(store, 'echo shut > $out; chmod 000 /store')
    expect(stderr).not.toContain('DEFECT')
    expect([0, 1, 100]).toContain(status)
    expect(await readdir(join(store.path, 'store/.staging'))).toEqual([])
  })

  test('finds /bin/sh, and runs scripts that name it', async () => {
    const script = `
      printf '#!/bin/sh\\necho from "$0"\\n' > script; chmod +x script
      { ./script; ls /bin; [ /bin/sh -ef ${'$'}{inputs%% *}/bin/bash ]; } > $out`
    expect(await readFile(await build(script), 'utf8')).toBe('from ./script\nsh\n')
  })

  test('may run as a user without power', async () => {
    const script = '{ id -un; id -u; chown 0:0 $TMPDIR 2>/dev/null || echo no chown; } > $out'
    expect(await readFile(await build(script, "user: 'unprivileged',"), 'utf8')).toBe(
      'guix-build\n1000\nno chown\n',
    )
  })

  test('takes its epoch from the content of its sources, or as the recipe says', async () => {
    const script = 'echo $SOURCE_DATE_EPOCH > $out'
    const digest = (await store.run(['hash', archive])).stdout.trim()
    const source = `source: fetchTarball({ url: 'file://${archive}', hash: '${digest}' }),`
    const newest = execFileSync('tar', ['-tvf', archive, '--full-time', '--utc'], { encoding: 'utf8' })
      .match(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g)!
      .map(time => Date.parse(`${time.replace(' ', 'T')}Z`) / 1000)
      .reduce((a, b) => Math.max(a, b), 315_532_800)
    expect(await readFile(await build(script, source), 'utf8')).toBe(`${newest}\n`)
    expect(await readFile(await build(script, 'epoch: 1234567890,'), 'utf8')).toBe('1234567890\n')
    expect(await readFile(await build(script), 'utf8')).toBe('315532800\n')
  })

  test('may use more words than fit a screen, and print without end of line', async () => {
    const { stderr, status } = await buildScript(
      store,
      `head -c 50000000 /dev/zero | tr '\\0' x; printf '\\033[2J\\r\\000\\377'; echo done > $out`,
    )
    expect(status, stderr.slice(0, 1000)).toBe(0)
    expect(stderr.length).toBeLessThan(10_000)
  })
})
