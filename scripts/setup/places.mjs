/**
 * Where set-up keeps things: per user, outside the repository. The same places as learning/tensorflow/locate.ts
 * and the studio look in; change them together.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Per-user cache: what can be fetched or made again. */
export function cacheFolder() {
  if (process.env.ATELIER_CACHE) return resolve(process.env.ATELIER_CACHE);
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'atelier');
  if (process.platform === 'win32')
    return join(process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'atelier', 'cache');
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'atelier');
}

/** resources/supply.json: what may be fetched, and its digests. */
export function supply() {
  return JSON.parse(readFileSync(join(root, 'resources', 'supply.json'), 'utf8'));
}
