import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
export default defineConfig({
  test: {
    include: readFileSync('/tmp/light.txt', 'utf8').trim().split('\n'),
    pool: 'forks',
    isolate: process.env.ISO === '1',
    maxWorkers: 2,
    testTimeout: 120_000,
  },
});
