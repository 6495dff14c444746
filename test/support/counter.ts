import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Forbids itself the time stamp counter and reads it. */
const PROGRAM = `#include <sys/prctl.h>
int main(void) { prctl(PR_SET_TSC, PR_TSC_SIGSEGV); __builtin_ia32_rdtsc(); }`

/**
 * Why the time stamp counter cannot be trapped here, if it cannot: some virtual machines let programs read it that the
 * kernel has forbidden it.
 */
export function whyNoTrap(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'store-counter-'))
  try {
    const program = join(folder, 'reads')
    execFileSync('cc', ['-x', 'c', '-o', program, '-'], { input: PROGRAM })
    const { signal } = spawnSync(program)
    return signal === 'SIGSEGV' ? undefined : 'this machine does not trap the time stamp counter'
  } finally {
    rmSync(folder, { recursive: true })
  }
}
