/**
 * Electron's binary for the window. The npm package fetches it from outside any registry, which may fail:
 * then the reason is told, the studio is served to a browser, and the fetch is tried again the next day.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, root } from './places.mjs';
import { lastLine, run } from './run.mjs';
import { step } from './say.mjs';

const packageFolder = join(root, 'node_modules', 'electron');
const day = 24 * 3600 * 1000;

function installedBinary() {
  try {
    const name = readFileSync(join(packageFolder, 'path.txt'), 'utf8').trim();
    const path = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(packageFolder, 'dist'), name);
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

/** @returns {Promise<{binary: string} | {binary: null, reason: string}>} */
export async function ensureElectron() {
  const named = process.env.ATELIER_ELECTRON;
  if (named)
    return existsSync(named)
      ? { binary: named }
      : { binary: null, reason: `ATELIER_ELECTRON names ${named}, which is not there` };
  const binary = installedBinary();
  if (binary) return { binary };
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
  const note = join(cacheFolder(), 'electron', `tried-${version}.json`);
  const tried = existsSync(note) ? JSON.parse(readFileSync(note, 'utf8')) : null;
  if (tried && Date.now() - tried.at < day) {
    return {
      binary: null,
      reason: `Electron ${version} could not be fetched today (${tried.reason}); to try again now: node node_modules/electron/install.js`,
    };
  }
  const result = await step(`Fetching Electron ${version} (about 110 MB, once for this checkout)`, () =>
    run(process.execPath, [join(packageFolder, 'install.js')], { cwd: root, timeout: 240_000 }),
  );
  const fetched = installedBinary();
  if (fetched) return { binary: fetched };
  const cause = /(?:Error|error): (.*)/.exec(result.output)?.[1] ?? lastLine(result.output);
  const reason = result.timedOut ? 'no answer within four minutes' : cause;
  // A slow network today is no reason not to try at the next start.
  if (!result.timedOut) {
    mkdirSync(dirname(note), { recursive: true });
    writeFileSync(note, JSON.stringify({ at: Date.now(), reason }));
  }
  return { binary: null, reason: `Electron ${version} could not be fetched (${reason})` };
}

/** Why no window can be shown here, or null. */
export function whyNoDisplay() {
  if (process.platform !== 'linux') return null;
  return process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? null : 'there is no display';
}
