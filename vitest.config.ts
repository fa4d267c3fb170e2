/**
 * Tests beside the code, in three projects: `units` in a process of its own per file, `shared` where files can share one,
 * and `components`, the parts of the window in a real Chromium (`*.svelte.test.ts`).
 */
import { availableParallelism } from 'node:os';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';

const components = '**/*.svelte.test.ts';
const asRoot = process.getuid?.() === 0;

/**
 * Nothing here loads TensorFlow, starts a process or changes what another file could meet, as vi.mock does. The list of commands does: it
 * loads all stores of the window, parts of which other files put in place.
 */
const shared = [
  '{recipe,contract}/**/*.test.ts',
  'renderer/!(command-list).test.ts',
  'renderer/*/**/*.test.ts',
  'engine/{images,intake}/**/*.test.ts',
];

export default defineConfig({
  plugins: [svelte()],
  test: {
    // One more than cores: many tests wait for the processes that they started.
    maxWorkers: Math.min(4, availableParallelism() + 1),
    // A busy machine is slow, and that is no fault: only what hangs meets these.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'units',
          include: [
            '{recipe,contract,learning,engine,cli,main,preload,renderer,bench,torture}/**/*.test.ts',
            'scripts/**/*.test.mjs',
          ],
          exclude: [components, ...shared],
          // TensorFlow cannot be unloaded: a process of its own for each file.
          pool: 'forks',
        },
      },
      {
        extends: true,
        test: {
          name: 'shared',
          include: shared,
          exclude: [components],
          // Read by a test; others need no styles.
          css: { include: [/tokens\.css/] },
          pool: 'forks',
          isolate: false,
          // What a test put in the place of something is taken away again for the others.
          restoreMocks: true,
          unstubGlobals: true,
        },
      },
      {
        extends: true,
        // What is found while tests run would load their page anew.
        optimizeDeps: { include: ['axe-core', 'bits-ui', 'svelte'], entries: ['renderer/**/*.svelte'] },
        // A file that cannot be read fails by itself, and lays nothing over the others' pages.
        server: { hmr: { overlay: false } },
        test: {
          name: 'components',
          // So long is also waited for what is to be seen.
          testTimeout: 60_000,
          include: [components],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                executablePath: process.env.ATELIER_CHROMIUM ?? '/usr/bin/chromium',
                args: asRoot ? ['--no-sandbox'] : [],
              },
            }),
            instances: [{ browser: 'chromium', viewport: { width: 1000, height: 800 } }],
          },
        },
      },
    ],
  },
});
