import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const seeded = 'test/support/seeded.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * One project for each kind of tests; `npm test` runs the first two, `.ci/run` the third as well. Tests of the first
 * two wait for processes and clocks much of their time, so that a file is run for each processor.
 */
const tiers = [
  {
    name: 'unit',
    include: ['test/*.test.ts', 'test/{store,builder,cli,recipes,native}/**/*.test.ts'],
    minutes: 1,
    maxWorkers: '100%',
  },
  { name: 'e2e', include: ['test/e2e/**/*.test.ts'], minutes: 5, needs: [seeded], maxWorkers: '100%' },
  { name: 'robustness', include: ['test/robustness/**/*.test.ts'], minutes: 15, needs: [seeded] },
  { name: 'soak', include: ['test/soak/**/*.test.ts'], minutes: 180, needs: [seeded] },
]

export default defineConfig({
  resolve: { alias: { 'store/recipe': here('./builder/recipe/index.ts') } },
  test: {
    reporters: ['default', 'test/support/skips.ts'],
    projects: tiers.map(({ minutes, needs = [], ...test }, groupOrder) => ({
      extends: true as const,
      test: {
        ...test,
        sequence: { groupOrder },
        testTimeout: minutes * 60_000,
        hookTimeout: minutes * 60_000,
        globalSetup: ['test/support/seed.ts', ...needs],
      },
    })),
  },
})
