/**
 * Which npm packages go out with Atelier: those under `dependencies`, and those that the build puts into out/ because a
 * room imports them, each with all that it needs. Read from package-lock.json and the sources, so that the answer is
 * the same on every system.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { root } from '../setup/places.mjs';

/** The folders that the build takes from. */
const rooms = ['recipe', 'contract', 'learning', 'engine', 'cli', 'main', 'preload', 'renderer', 'bench'];
const importing = /(?:\bfrom\s*|\bimport\s*\(?\s*|@import\s*)['"]([^'"./#][^'"]*)['"]/g;

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
export const readLock = (folder = root) => readJson(join(folder, 'package-lock.json')).packages;

const nameOf = (specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
export const nameAt = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Names of packages that files which are no tests import. */
function imported(folder) {
  const names = new Set();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) for (const name of imported(path)) names.add(name);
    else if (/\.(ts|svelte|css)$/.test(entry.name) && !/\.test\.ts$|testing/.test(entry.name))
      for (const [, specifier] of readFileSync(path, 'utf8').matchAll(importing))
        names.add(nameOf(specifier));
  }
  return names;
}

/** Where the package of this name lies for one that lies at `from`, as Node finds it; null where it is left out here. */
function placeOf(lock, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const path = `${at}${at === '' ? '' : '/'}node_modules/${name}`;
    if (lock[path]) return path;
    if (at === '') return null;
  }
}

/** @returns {{path: string, name: string, version: string, license: string | null, optional: boolean}[]} by name */
export function shippedPackages(folder = root) {
  const lock = readLock(folder);
  const builtin = new Set(builtinModules);
  const wanted = new Set(Object.keys(lock[''].dependencies ?? {}));
  for (const room of rooms) {
    for (const name of imported(join(folder, room)))
      if (lock[''].devDependencies?.[name] && !builtin.has(name)) wanted.add(name);
  }
  // Comes whole, with the licences of all that is in it beside its binary; its npm package only fetches it.
  wanted.delete('electron');
  // The tests' own, which a bench and a test in a room import.
  for (const name of ['@playwright/test', 'vitest', 'fast-check', 'esbuild']) wanted.delete(name);

  const found = new Map();
  const queue = [...wanted].map((name) => ['', name]);
  for (let next = queue.pop(); next; next = queue.pop()) {
    const path = placeOf(lock, ...next);
    if (path === null || found.has(path)) continue;
    const { name: own, version, license = null, ...needs } = lock[path];
    const { dependencies, optionalDependencies, peerDependencies } = needs;
    const peers = Object.keys(peerDependencies ?? {}).filter(
      (name) => !lock[path].peerDependenciesMeta?.[name]?.optional,
    );
    found.set(path, {
      path,
      // Another than its place says, where package.json puts one in the place of another.
      name: own ?? nameAt(path),
      version,
      license: license ?? licenseOf(folder, path),
      optional: Boolean(lock[path].optional),
    });
    for (const name of [
      ...Object.keys(dependencies ?? {}),
      ...Object.keys(optionalDependencies ?? {}),
      ...peers,
    ])
      queue.push([path, name]);
  }
  return [...found.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** Where the lockfile names none, the licence file says: the one package that lacks it has the MIT licence's text. */
function licenseOf(folder, path) {
  const file = licenseFiles(folder, path)[0];
  return file && /\bMIT License\b/.test(file.text) ? 'MIT' : null;
}

/** The texts of a package that say its licence, as they lie in node_modules. */
export function licenseFiles(folder, path) {
  const place = join(folder, path);
  if (!existsSync(place)) return [];
  return readdirSync(place)
    .filter(
      (name) => /^(licen[cs]e|copying|notice|thirdpartynotices)/i.test(name) && !/\.(js|json)$/.test(name),
    )
    .sort()
    .map((name) => ({ name, text: readFileSync(join(place, name), 'utf8').replace(/\r\n?/g, '\n').trim() }));
}
