import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** One project for each kind of tests; `npm test` runs the first two, `.ci/run` the third as well. */
const tier = (name: string, include: string[], minutes: number, globalSetup: string[] = []) => ({
  extends: true as const,
  test: {
    name,
    include,
    testTimeout: minutes * 60_000,
    hookTimeout: minutes * 60_000,
    globalSetup: ['test/support/seed.ts', ...globalSetup],
  },
})

const seeded = ['test/support/seeded.ts']

export default defineConfig({
  resolve: { alias: { 'store/recipe': here('./builder/recipe/index.ts') } },
  test: {
    reporters: ['default', 'test/support/skips.ts'],
    projects: [
      tier('unit', ['test/*.test.ts', 'test/{store,builder,cli,recipes,native}/**/*.test.ts'], 1),
      tier('e2e', ['test/e2e/**/*.test.ts'], 5, seeded),
      tier('robustness', ['test/robustness/**/*.test.ts'], 15, seeded),
      tier('soak', ['test/soak/**/*.test.ts'], 180, seeded),
    ],
  },
})
