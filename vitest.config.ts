import { defineConfig } from 'vitest/config'

const folders = '{experiments,model,peer,reports,sim,tools,tracker}'

export default defineConfig({
  test: {
    include: [`${folders}/**/*.test.ts`],
    benchmark: { include: [`${folders}/**/*.bench.ts`] },
    // Separate processes: tests load native modules (DuckDB, TensorFlow) that don't share one.
    pool: 'forks',
    allowOnly: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
  },
})
