/** Builds out/ when a source is newer than it. Nothing to do costs some milliseconds. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { root } from './places.mjs';
import { lastLine, run } from './run.mjs';
import { SetupError, step } from './say.mjs';

const rooms = ['recipe', 'contract', 'learning', 'engine', 'cli', 'bench', 'main', 'preload', 'renderer'];
const files = [
  'package.json',
  'package-lock.json',
  'electron.vite.config.ts',
  'svelte.config.js',
  'tsconfig.base.json',
];
const outputs = [
  'out/main/cli.cjs',
  'out/main/index.cjs',
  'out/main/worker.cjs',
  'out/main/reader.cjs',
  'out/main/compare-thread.cjs',
  'out/renderer/index.html',
];
const stampPath = join(root, 'out', '.stamp');

/** Digest of names, sizes and times of all that goes into the build; tests do not. */
export function sourceStamp(folder = root) {
  const hash = createHash('sha256');
  const take = (path) => {
    const { size, mtimeMs } = statSync(join(folder, path));
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  };
  const walk = (path) => {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      if (entry.isDirectory()) walk(`${path}/${entry.name}`);
      else if (!/\.test\.\w+$/.test(entry.name)) take(`${path}/${entry.name}`);
    }
  };
  for (const file of files) if (existsSync(join(folder, file))) take(file);
  for (const room of rooms) if (existsSync(join(folder, room))) walk(room);
  return hash.digest('hex');
}

const isFresh = () =>
  outputs.every((path) => existsSync(join(root, path))) &&
  existsSync(stampPath) &&
  readFileSync(stampPath, 'utf8') === sourceStamp();

// eslint-disable-next-line no-control-regex -- colours
const plain = (text) => text.replace(/\u001b\[[0-9;]*m/g, '');
const firstError = (output) =>
  /^.*\berror\b(?! during build).*$/im.exec(plain(output))?.[0].trim() ?? lastLine(output);

export async function ensureBuild() {
  if (isFresh()) return;
  await withLock(join(root, 'out', '.lock'), 'building', async () => {
    if (isFresh()) return;
    const stamp = sourceStamp();
    await step('Building what changed', async () => {
      const program = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
      const result = await run(process.execPath, [program, 'build'], { cwd: root, timeout: 300_000 });
      if (result.code !== 0) {
        throw new SetupError(
          `The build failed (${firstError(result.output)}); see all of it with: npm run build`,
        );
      }
    });
    mkdirSync(join(root, 'out'), { recursive: true });
    writeFileSync(stampPath, stamp);
  });
}
