/**
 * Makes libtensorflow be there: found (ATELIER_TENSORFLOW, the cache, a Python's own TensorFlow) or fetched
 * into the cache. Which of several copies is loaded is decided by learning/tensorflow/locate.ts.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDigest, refuseUnverified, sha256 } from './digest.mjs';
import { download } from './download.mjs';
import { withLock } from './lock.mjs';
import { cacheFolder, supply } from './places.mjs';
import { fetchWheel, pip, requirePip } from './python.mjs';
import { lastLine, run, which } from './run.mjs';
import { megabytes, say, SetupError, step } from './say.mjs';
import { extractEntry } from './unzip.mjs';

const libraryNames = [
  'libtensorflow_cc.so.2',
  'libtensorflow.so.2',
  'libtensorflow_cc.2.dylib',
  'libtensorflow.2.dylib',
  'tensorflow.dll',
];
const holdsLibrary = (folder) => libraryNames.some((name) => existsSync(join(folder, name)));
const sizeOf = (path) => statSync(path, { throwIfNoEntry: false })?.size;

/** A program that hangs must not hold up set-up for ever; what it could not tell is said, never taken for no. */
const askSeconds = 60;

/** True where the driver sees an NVIDIA GPU. @throws {SetupError} where it does not answer */
export async function seesGpu() {
  if (which('nvidia-smi') === null) return false;
  const { stdout, timedOut } = await run('nvidia-smi', ['-L'], { timeout: askSeconds * 1000 });
  if (timedOut)
    throw new SetupError(
      `nvidia-smi gave no answer within ${askSeconds} s, so it is not known whether there is a GPU; run again, or leave out --gpu.`,
    );
  return stdout.includes('GPU');
}

/** The folder of an installed Python TensorFlow, asked without importing it; null where there is none. */
async function inPython() {
  const question =
    "import importlib.util as u; s = u.find_spec('tensorflow'); print((list(s.submodule_search_locations or []) + [''])[0] if s else '')";
  for (const python of ['python3', 'python'].map(which).filter(Boolean)) {
    const { stdout, timedOut } = await run(python, ['-c', question], { timeout: askSeconds * 1000 });
    if (timedOut)
      say(
        `  ${python} gave no answer within ${askSeconds} s: whether it has TensorFlow is not known. Going on without it.`,
      );
    const folder = stdout.trim();
    if (folder && holdsLibrary(folder)) return folder;
  }
  return null;
}

/**
 * @param {{gpu?: boolean}} options gpu: the CUDA build (Linux) with NVIDIA's libraries, where a GPU is seen
 * @returns {Promise<{folder: string, how: string}>}
 * @throws {SetupError} when no library can be had; the studio then falls back to its next engine
 */
export async function ensureTensorFlow({ gpu = false } = {}) {
  const named = process.env.ATELIER_TENSORFLOW;
  if (named) {
    if ([named, join(named, 'lib'), join(named, 'tensorflow')].some(holdsLibrary))
      return { folder: named, how: 'named by ATELIER_TENSORFLOW' };
    throw new SetupError(
      `ATELIER_TENSORFLOW names ${named}, which holds no libtensorflow; correct it or unset it.`,
    );
  }
  if (gpu && !(await seesGpu())) {
    say('  --gpu was asked for, but nvidia-smi sees no GPU here: going on with the CPU build.');
    gpu = false;
  }
  const { version, builds } = supply().tensorflow;
  const name = `${process.platform}-${process.arch}-${gpu ? 'cuda' : 'cpu'}`;
  const build = builds[name];
  const shelf = join(cacheFolder(), 'tensorflow');
  const folder = join(shelf, `${build?.version ?? version}-${gpu ? 'cuda' : 'cpu'}`);
  const isComplete = () =>
    build?.files.every((file) =>
      (file.bytes === null ? existsSync : (path) => sizeOf(path) === file.bytes)(join(folder, file.name)),
    );
  if (isComplete() && (!build.beside || existsSync(join(shelf, 'nvidia'))))
    return { folder, how: 'in the cache' };
  if (!gpu) {
    const cached = copiesIn(shelf).find(holdsLibrary);
    if (cached) return { folder: cached, how: 'in the cache' };
    const python = await inPython();
    if (python) return { folder: python, how: 'installed with Python' };
  }
  if (!build) throw new SetupError(`TensorFlow offers no library for ${name}.`);
  if (process.platform === 'linux' && !process.report?.getReport().header.glibcVersionRuntime) {
    throw new SetupError('TensorFlow needs a Linux with glibc, which this one has not.');
  }
  await withLock(join(shelf, `.${name}.lock`), 'fetching TensorFlow', async () => {
    if (!isComplete())
      await (build.archive ? fetchArchive(build, shelf, folder) : fetchFromWheel(build, shelf, folder, gpu));
    if (build.beside) await fetchBeside(build, shelf);
  });
  return { folder, how: 'fetched' };
}

function copiesIn(shelf) {
  try {
    const names = readdirSync(shelf).filter((name) => /^\d/.test(name));
    return names.flatMap((name) => [
      join(shelf, name),
      join(shelf, name, 'lib'),
      join(shelf, name, 'tensorflow'),
    ]);
  } catch {
    return [];
  }
}

async function fetchFromWheel(build, shelf, folder, gpu) {
  const staging = join(shelf, `.staging-${gpu ? 'cuda' : 'cpu'}`);
  await requirePip();
  const wheel = await step(
    `Fetching TensorFlow ${build.version} (${megabytes(build.bytes)}, once for this user)`,
    (progress) => fetchWheel(build, staging, progress),
  );
  await step('Unpacking TensorFlow', (progress) =>
    intoPlace(folder, async (unpacked) => {
      for (const file of build.files) {
        const digest = await extractEntry(wheel, file.entry, join(unpacked, file.name), (done, total) =>
          progress(`${file.name}, ${Math.round((100 * done) / total)} %`),
        );
        checkDigest(file.name, file.sha256, digest);
      }
    }),
  );
  rmSync(staging, { recursive: true, force: true });
}

/** The official C archive: no digest of it is recorded, so the person must have agreed. */
async function fetchArchive(build, shelf, folder) {
  const staging = join(shelf, '.staging-archive');
  mkdirSync(staging, { recursive: true });
  const archive = join(staging, build.archive.split('/').pop());
  if (build.sha256 === null) refuseUnverified(`TensorFlow's C library for this system (${build.archive})`);
  if (!existsSync(archive)) {
    await step(`Fetching TensorFlow ${build.version}'s C library`, (progress) =>
      download(build.archive, archive, build.sha256, progress),
    );
  }
  await step('Unpacking TensorFlow', () =>
    intoPlace(folder, async (unpacked) => {
      for (const file of build.files) {
        const digest = await extractEntry(archive, file.entry, join(unpacked, file.name));
        if (file.sha256) checkDigest(file.name, file.sha256, digest);
        else writeFileSync(join(unpacked, 'UNVERIFIED'), `${build.archive}\n${await sha256(archive)}\n`);
      }
    }),
  );
  rmSync(staging, { recursive: true, force: true });
}

/** Fills a folder beside the final one, then renames: what bears the final name is whole. */
async function intoPlace(folder, fill) {
  const unpacked = join(folder, '..', `.unpacking-${process.pid}`);
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  try {
    await fill(unpacked);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unpacked, folder);
  } catch (error) {
    rmSync(unpacked, { recursive: true, force: true });
    if (error.code === 'ENOSPC')
      throw new SetupError(
        `The disk is full: TensorFlow needs 1.2 GB below ${folder}; free some space, or move the cache with ATELIER_CACHE.`,
      );
    throw error;
  }
}

/** What pip installs, exactly these files: it refuses any other under `--require-hashes`. */
export const requirementsOf = (packages) =>
  packages
    .map(({ package: name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`)
    .join('');

/**
 * NVIDIA's libraries beside the CUDA build: its RUNPATH looks in `$ORIGIN/../nvidia/<library>/lib`, which is
 * `tensorflow/nvidia` in the cache. Versions and digests are those of resources/supply.json, whatever an index offers.
 */
async function fetchBeside(build, shelf) {
  if (existsSync(join(shelf, 'nvidia'))) return;
  const staging = join(shelf, '.staging-nvidia');
  await step("Fetching NVIDIA's CUDA 12 libraries (about 3 GB, once for this user)", async () => {
    const how = 'install --no-deps --no-cache-dir --quiet --upgrade --only-binary=:all:'.split(' ');
    const platforms = ['manylinux_2_27_x86_64', 'manylinux2014_x86_64', 'manylinux1_x86_64'].flatMap(
      (tag) => ['--platform', tag],
    );
    const requirements = `${staging}.txt`;
    writeFileSync(requirements, requirementsOf(build.beside));
    const where = ['--target', staging, ...platforms, '--python-version', build.python];
    const pinned = ['--require-hashes', '--requirement', requirements];
    const result = await pip([...how, ...where, ...pinned], { timeout: 3_600_000 });
    if (result.code !== 0 || !existsSync(join(staging, 'nvidia'))) {
      throw new SetupError(
        `NVIDIA's libraries could not be fetched with pip (${lastLine(result.output)}); check the network and run again, or start without --gpu.`,
      );
    }
    renameSync(join(staging, 'nvidia'), join(shelf, 'nvidia'));
    rmSync(staging, { recursive: true, force: true });
  });
}
