import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * One project for each kind of tests; `npm test` runs the first two, `.ci/run` the third as well. They run in this order:
 * while the unit tests do, the seeded store is built, which the others need.
 */
const tiers = [
  {
    name: 'unit',
    include: ['test/*.test.ts', 'test/{store,builder,cli,recipes,native}/**/*.test.ts'],
    minutes: 1,
  },
  { name: 'e2e', include: ['test/e2e/**/*.test.ts'], minutes: 5, isSeeded: true },
  { name: 'robustness', include: ['test/robustness/**/*.test.ts'], minutes: 15, isSeeded: true },
  { name: 'soak', include: ['test/soak/**/*.test.ts'], minutes: 180, isSeeded: true },
]

export default defineConfig({
  resolve: { alias: { 'store/recipe': here('./builder/recipe/index.ts') } },
  test: {
    reporters: ['default', 'test/support/skips.ts'],
    projects: tiers.map(({ minutes, isSeeded = false, ...test }, groupOrder) => ({
      extends: true as const,
      test: {
        ...test,
        sequence: { groupOrder },
        testTimeout: minutes * 60_000,
        hookTimeout: minutes * 60_000,
        globalSetup: ['test/support/seed.ts', ...(isSeeded ? ['test/support/seeded.ts'] : [])],
        setupFiles: isSeeded ? ['test/support/await-seeded.ts'] : [],
      },
    })),
  },
})
