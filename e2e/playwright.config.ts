/**
 * The studio as a person meets it: the same specs in a real browser (served studio) and in a real Electron, and the
 * exported file under Python's own onnx. What each needs (browser, Electron, display) is found by scripts/test.mjs.
 */
import { defineConfig } from '@playwright/test';
import type { StudioOptions } from './studio.ts';

const rooms = [
  'first-start.spec.ts',
  'import.spec.ts',
  'journey.spec.ts',
  'labelling.spec.ts',
  'many-classes.spec.ts',
  'grid.spec.ts',
  'recipe.spec.ts',
  'runs.spec.ts',
  'sources.spec.ts',
  'studies.spec.ts',
  'resilience.spec.ts',
  'access.spec.ts',
  'commands.spec.ts',
  'classes.spec.ts',
];

export default defineConfig<StudioOptions>({
  testDir: '.',
  outputDir: '../test-results/e2e',
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: process.env.CI === 'true',
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: { actionTimeout: 15_000, trace: 'retain-on-failure', screenshot: 'only-on-failure' },
  projects: [
    {
      name: 'browser',
      testMatch: [...rooms, 'fields.spec.ts', 'served.spec.ts', 'guide.spec.ts'],
      use: { runtime: 'browser' },
    },
    { name: 'electron', testMatch: [...rooms, 'desktop.spec.ts'], use: { runtime: 'electron' } },
    { name: 'export', testMatch: ['export.spec.ts'], use: { runtime: 'browser' } },
  ],
});
