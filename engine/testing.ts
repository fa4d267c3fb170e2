/**
 * For tests only: a worker bundled from the sources as they are, a studio in a folder of its own, and
 * pictures to put into it. Everything real: processes, files, engine.
 */
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { build, type PluginBuild } from 'esbuild';
import sharp from 'sharp';
import type { StudioEvent } from '#contract/events.ts';
import { oneErrorShape, type StudioClient } from '#contract/rpc.ts';
import { appRoot } from './app-root.ts';
import { createStudio, type Studio } from './studio.ts';

export { fillWithFashion, fillWithFolder, smallFashion } from './testing-project.ts';

/** Bundles the worker, as the build does, and makes it the one that studios start. */
export async function buildWorker(): Promise<void> {
  process.env['ATELIER_WORKER'] = await bundle('engine/worker/index.ts');
}

/** The threads that a worker looks for beside itself. */
const threads = {
  reader: 'engine/images/read/reader.ts',
  'compare-thread': 'engine/worker/findings/compare-thread.ts',
};

/** Bundles an entry of this repository for plain Node, and the threads beside it. @returns the bundle's path */
export async function bundle(entry: string): Promise<string> {
  for (const [name, path] of Object.entries(threads)) await bundleAs(path, name);
  return bundleAs(entry, entry.replace(/[^a-z-]+/g, '-'));
}

async function bundleAs(entry: string, name: string): Promise<string> {
  const root = appRoot();
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const file = join(root, 'node_modules', '.cache', 'atelier', `${name}.cjs`);
  mkdirSync(dirname(file), { recursive: true });
  // Test files run side by side: a bundle is put in place whole.
  const part = `${file}.${process.pid}.part`;
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: part,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: Object.keys(dependencies).flatMap((name) => [name, `${name}/*`]),
    logLevel: 'error',
    plugins: [{ name: 'raw', setup: readRaw }],
  });
  renameSync(part, file);
  return file;
}

/** `import text from './file?raw'`, as Vite has it. */
function readRaw(context: PluginBuild): void {
  context.onResolve({ filter: /\?raw$/ }, ({ path, resolveDir }) => ({
    path: join(resolveDir, path.replace(/\?raw$/, '')),
    namespace: 'raw',
  }));
  context.onLoad({ filter: /.*/, namespace: 'raw' }, ({ path }) => ({
    contents: readFileSync(path, 'utf8'),
    loader: 'text',
  }));
}

export interface TestStudio {
  studio: Studio;
  client: StudioClient;
  /** All events so far. */
  events: StudioEvent[];
  folder: string;
  /** Resolves with the first event from now on, or before, that is as asked. */
  when<T>(pick: (event: StudioEvent) => T | null | undefined | false): Promise<T>;
  close(): Promise<void>;
}

/** A studio with files, state and temporary folder of its own. */
export async function openTestStudio(): Promise<TestStudio> {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-test-'));
  process.env['ATELIER_STATE'] = join(folder, 'state.json');
  const studio = createStudio({ desktop: false, allowedFolders: null, version: '0.0.0-test' });
  const client = createRouterClient(studio.router, { interceptors: [oneErrorShape] }) as StudioClient;
  const events: StudioEvent[] = [];
  const listeners = new Set<(event: StudioEvent) => void>();
  const stream = await client.studio.events();
  void (async () => {
    for await (const event of stream) {
      events.push(event);
      for (const listener of listeners) listener(event);
    }
  })();
  return {
    studio,
    client,
    events,
    folder,
    when: (pick) =>
      new Promise((resolve) => {
        const look = (event: StudioEvent): boolean => {
          const picked = pick(event);
          if (!picked) return false;
          listeners.delete(look);
          resolve(picked);
          return true;
        };
        if (!events.some(look)) listeners.add(look);
      }),
    async close() {
      await studio.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Writes a picture of one colour with some noise, in the format of the extension. */
export async function writePicture(
  path: string,
  colour: { r: number; g: number; b: number },
  { width = 20, height = 16, seed = 0 } = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < pixels.length; at++) {
    const noise = ((at * 31 + seed * 17) % 23) - 11;
    pixels[at] = Math.max(0, Math.min(255, [colour.r, colour.g, colour.b][at % 3]! + noise));
  }
  await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(path);
}
