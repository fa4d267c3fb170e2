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
  'findings.spec.ts',
  'improve.spec.ts',
  'splits.spec.ts',
  'explore.spec.ts',
  'repair.spec.ts',
  'why.spec.ts',
];

export default defineConfig<StudioOptions>({
  testDir: '.',
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: process.env.CI === 'true',
  timeout: 300_000,
  expect: { timeout: 40_000 },
  reporter: [['list']],
  // Pictures of each step cost a third of the work; its documents, kept too, show as much.
  use: {
    actionTimeout: 40_000,
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
  },
  projects: [
    {
      name: 'browser',
      outputDir: '../test-results/e2e-browser',
      testMatch: [...rooms, 'served.spec.ts', 'guide.spec.ts'],
      use: { runtime: 'browser' },
    },
    {
      name: 'electron',
      outputDir: '../test-results/e2e-electron',
      testMatch: [...rooms, 'desktop.spec.ts', 'fields.spec.ts'],
      use: { runtime: 'electron' },
    },
    {
      name: 'export',
      outputDir: '../test-results/e2e-export',
      testMatch: ['export.spec.ts'],
      use: { runtime: 'browser' },
    },
  ],
});
