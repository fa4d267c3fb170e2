/**
 * The one gate for paths that a browser names: only inside folders that the person allowed when the studio was started.
 * It finds the paths by the contract, so that no command is forgotten. Clients of this program itself, the window of
 * Electron and the command line, do not pass here.
 */
import { homedir } from 'node:os';
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import { commands } from '#contract/commands.ts';
import { AtelierError } from '#contract/errors.ts';
import { replacePaths } from '#contract/paths.ts';
import { projectsFolder } from './app-root.ts';
import { isWithin, realPlace } from './places.ts';
import { existingFolder, projectFolder } from './project/folder.ts';

/**
 * The folders of a served studio: where projects go, the project it was started with, and what was named for it. The
 * home folder is not among them: with it a page that got in could replace any file of the person's.
 * @param project that the studio was started with
 * @param named folders, by the person who started it
 * @throws USAGE for one that is no folder
 */
export function allowedFolders(project: string | null, named: readonly string[]): string[] {
  for (const folder of named) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) continue;
    throw new AtelierError('USAGE', `Expected a folder that is there for --allow, received ${folder}.`, {
      folder,
    });
  }
  const all = [projectsFolder(), ...(project === null ? [] : [project]), ...named];
  return [...new Set(all.map(realPlace))];
}

/**
 * The path with links followed, where it lies in one of the folders.
 * @throws FORBIDDEN, which says the same whether something is there or not
 */
export function allowedPath(path: string, folders: readonly string[]): string {
  let place: string | null;
  try {
    place = realPlace(path);
  } catch {
    place = null;
  }
  if (place !== null && folders.some((folder) => isWithin(place, folder))) return place;
  throw new AtelierError(
    'FORBIDDEN',
    `Expected a path in a folder that this studio was allowed at its start (${folders.map(shown).join(', ')}), received ${path}. ` +
      'Start it with --allow FOLDER for others, or drop the files on the window.',
    { path, allowed: [...folders] },
  );
}

/** Whether a browser may name this path. */
export function isAllowed(path: string, folders: readonly string[]): boolean {
  try {
    allowedPath(path, folders);
    return true;
  } catch {
    return false;
  }
}

/** With ~ for the home folder. */
function shown(folder: string): string {
  const home = resolve(homedir());
  return dirname(home) !== home && isWithin(folder, home) ? `~${folder.slice(home.length)}` : folder;
}

interface Contracted {
  '~orpc': { inputSchema?: z.ZodType };
}

/** The input of a command with every path in it checked. @throws FORBIDDEN */
export function allowedInput(
  command: readonly string[],
  input: unknown,
  folders: readonly string[],
): unknown {
  const [room = '', name = ''] = command;
  const rooms = commands as unknown as Record<string, Record<string, Contracted>>;
  const found = Object.hasOwn(rooms, room) && Object.hasOwn(rooms[room]!, name) ? rooms[room]![name] : null;
  const schema = found?.['~orpc'].inputSchema;
  if (!schema) return input;
  return replacePaths(schema, input, (path) => {
    const place = allowedPath(path, folders);
    if (room !== 'project') return place;
    // A project's folder gets its suffix behind this gate: what is beside an allowed folder, or where a link of that name leads.
    return allowedPath((name === 'open' && existingFolder(place)) || projectFolder(place), folders);
  });
}
