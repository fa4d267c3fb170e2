/** Runs the built command line with a home folder of its own; the caches stay the user's, they are only read. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const smallSample = join(root, 'resources', 'fashion-mnist-small');
export const cli = join(root, 'out', 'main', 'cli.cjs');
export const fixture = (name: string) => join(root, 'e2e', 'fixtures', name);

/** A temporary home: projects, settings and Electron's profile go here. */
export interface Home {
  folder: string;
  env: NodeJS.ProcessEnv;
  remove(): void;
}

export function makeHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-e2e-'));
  const cache =
    process.env.ATELIER_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'atelier');
  const env = {
    ...process.env,
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    ATELIER_CACHE: cache,
    ATELIER_STATE: join(folder, 'state.json'),
    ATELIER_USER_DATA: join(folder, 'electron'),
    // "fashion-mnist" is its small part here, so that the first training takes seconds.
    ATELIER_FASHION_MNIST: smallSample,
    ATELIER_NODE: process.execPath,
  };
  // A worker may still be writing its last lines when its studio has gone.
  return {
    folder,
    env,
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

const run = promisify(execFile);

/** The last JSON line of `atelier … --json`. Throws with the command's stderr where it fails. */
export async function atelier<T = Record<string, unknown>>(home: Home, ...args: string[]): Promise<T> {
  const { stdout } = await run(process.execPath, [cli, ...args, '--json'], {
    env: home.env,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout.trimEnd().split('\n').pop() ?? '') as T;
}
