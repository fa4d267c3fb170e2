/**
 * One build for every runtime. `main` holds all Node-side entries (Electron's main process, the
 * studio process, the workers and the command line) as CommonJS, since Electron 22 and a sandboxed preload
 * take nothing else; packages listed under `dependencies` stay outside the bundle, the rest goes in.
 */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { resolve } from 'node:path';

const room = (path: string) => resolve(import.meta.dirname, path);
const commonjs = {
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: 'chunks/[name]-[hash].cjs',
} as const;

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node16',
      rollupOptions: {
        input: {
          // An entry of its own, so that it stays the first chunk that the others load.
          node16: room('engine/node16.ts'),
          index: room('main/index.ts'),
          studio: room('engine/process.ts'),
          worker: room('engine/worker/index.ts'),
          // Threads of the worker, which looks for them beside itself.
          reader: room('engine/images/read/reader.ts'),
          'compare-thread': room('engine/worker/findings/compare-thread.ts'),
          cli: room('cli/index.ts'),
        },
        output: commonjs,
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      target: 'node16',
      externalizeDeps: false,
      rollupOptions: { input: { index: room('preload/index.ts') }, output: commonjs },
    },
  },
  renderer: {
    root: room('renderer'),
    plugins: [svelte()],
    // Nothing inlined as data: the policy allows the studio's own files only.
    build: {
      outDir: room('out/renderer'),
      target: 'chrome108',
      assetsInlineLimit: 0,
      rollupOptions: { input: room('renderer/index.html') },
    },
  },
});
