/**
 * Where the program lies and where it keeps what belongs to the person, on every system. Knows paths
 * only; what is in them is left to those who ask.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The folder with package.json and resources/, above the bundle or the sources. */
export function appRoot(): string {
  const start = typeof __dirname === 'string' ? __dirname : process.cwd();
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'resources')) && existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) return process.cwd();
  }
}

/** The per-user cache: $ATELIER_CACHE, or the system's place for caches. */
export function cacheFolder(): string {
  const { env, platform } = process;
  if (env['ATELIER_CACHE']) return env['ATELIER_CACHE'];
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'atelier');
  if (platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'atelier', 'cache');
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'atelier');
}

/** The per-user file that remembers recent projects: $ATELIER_STATE, or in the system's place for settings. */
export function stateFile(): string {
  const { env, platform } = process;
  if (env['ATELIER_STATE']) return env['ATELIER_STATE'];
  if (platform === 'darwin')
    return join(homedir(), 'Library', 'Application Support', 'atelier', 'state.json');
  if (platform === 'win32')
    return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'atelier', 'state.json');
  return join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'atelier', 'state.json');
}

/** Where new projects go unless told otherwise. */
export function projectsFolder(): string {
  const documents = join(homedir(), 'Documents');
  return join(existsSync(documents) ? documents : homedir(), 'Atelier');
}
