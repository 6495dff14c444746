import type { Reporter, TestModule } from 'vitest/node'

/** Fails the run when a test was skipped without saying why, and closes it with one line of counts. */
export default class Skips implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result()
        counts[result.state]++
        if (result.state !== 'skipped') continue
        const note = 'note' in result ? result.note : undefined
        process.stdout.write(`skipped: ${test.fullName}: ${note ?? 'WITHOUT A REASON'}\n`)
        if (!note) process.exitCode = 1
      }
    }
    process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
  }
}
