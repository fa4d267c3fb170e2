/** The projects opened last, in a file of the person's own. Losing it loses a convenience and nothing else. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { stateFile } from './app-root.ts';
import { makeFolder } from './places.ts';

const Recent = z.array(z.object({ name: z.string(), path: z.string(), openedAt: z.string() }));
type Recent = z.infer<typeof Recent>;

const kept = 20;

/** Newest first; projects that are gone are left out. */
export function recentProjects(): Recent {
  try {
    const state = z.object({ recent: Recent }).parse(JSON.parse(readFileSync(stateFile(), 'utf8')));
    return state.recent.filter(({ path }) => existsSync(path));
  } catch {
    return [];
  }
}

export function rememberProject({ name, path }: { name: string; path: string }): void {
  const recent = [
    { name, path, openedAt: new Date().toISOString() },
    ...recentProjects().filter((other) => other.path !== path),
  ].slice(0, kept);
  try {
    const file = stateFile();
    makeFolder(dirname(file));
    writeFileSync(`${file}.part`, JSON.stringify({ recent }, null, 2));
    renameSync(`${file}.part`, file);
  } catch {
    // A home that cannot be written to is no reason not to open a project.
  }
}
