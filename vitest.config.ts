/** Units live beside the code. TensorFlow is loaded once per file, in a process of its own: it cannot be unloaded. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  test: {
    include: [
      '{recipe,contract,learning,engine,cli,main,preload,renderer,bench,torture}/**/*.test.ts',
      'scripts/**/*.test.mjs',
    ],
    // Read by a test; others need no styles.
    css: { include: [/tokens\.css/] },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
