/** Python's own onnx and onnxruntime, in a folder of the cache, to judge exported files from outside. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { cacheFolder, supply } from './places.mjs';
import { findPip } from './python.mjs';
import { lastLine, run, which } from './run.mjs';
import { SetupError, step } from './say.mjs';

/** @returns {Promise<{python: string, path: string} | {python: null, reason: string}>} path: for PYTHONPATH */
export async function ensurePythonChecks() {
  const python = process.env.ATELIER_PYTHON ?? which('python3') ?? which('python');
  if (!python) return { python: null, reason: 'no Python was found; install Python 3 with pip' };
  const packages = supply().pythonChecks;
  const question = 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")';
  const folder = join(
    cacheFolder(),
    'python-checks',
    [(await run(python, ['-c', question])).stdout.trim(), ...packages].join('-'),
  );
  try {
    await withLock(`${folder}.lock`, 'fetching onnx', async () => {
      if (existsSync(folder)) return;
      await step(`Fetching ${packages.join(', ')} for the export check (once for this user)`, async () => {
        const staging = `${folder}.staging`;
        rmSync(staging, { recursive: true, force: true });
        await findPip();
        // That interpreter's own pip: compiled wheels fit one version of Python only.
        const result = await run(
          python,
          ['-m', 'pip', 'install', '--quiet', '--only-binary=:all:', '--target', staging, ...packages],
          { timeout: 600_000, env: { PIP_DISABLE_PIP_VERSION_CHECK: '1' } },
        );
        if (result.code !== 0)
          throw new SetupError(`pip could not fetch ${packages.join(', ')} (${lastLine(result.output)})`);
        renameSync(staging, folder);
      });
    });
  } catch (error) {
    if (error instanceof SetupError) return { python: null, reason: error.message };
    throw error;
  }
  return { python, path: folder };
}
