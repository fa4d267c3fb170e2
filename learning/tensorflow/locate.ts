/**
 * Finds libtensorflow on this machine: the folder that ATELIER_TENSORFLOW names, the per-user cache,
 * then the Python environments at hand. Plain Node: it loads nothing native, so every process may ask.
 * Fetching a missing library is left to scripts/, loading a found one to ffi.ts.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** The library's files within one folder; `framework` is null where one file holds everything. */
export interface LibraryFiles {
  cc: string;
  framework: string | null;
}

export interface LocatedTensorFlow {
  folder: string;
  files: LibraryFiles;
  found: 'environment' | 'cache' | 'python';
}

/** One place that was looked at, and what was there: for `atelier doctor`. */
export interface LookedAt {
  place: string;
  outcome: string;
}

export interface LocateOptions {
  platform?: NodeJS.Platform;
  environment?: NodeJS.ProcessEnv;
  /** Whether a CUDA build is preferred to a CPU build in the cache. Asked of the machine when absent. */
  gpu?: boolean;
}

/** File names by platform, best first: those of the Python wheels, then those of the official C archives. */
export const libraryFiles: Partial<Record<NodeJS.Platform, readonly LibraryFiles[]>> = {
  linux: [
    { cc: 'libtensorflow_cc.so.2', framework: 'libtensorflow_framework.so.2' },
    { cc: 'libtensorflow.so.2', framework: 'libtensorflow_framework.so.2' },
  ],
  darwin: [
    { cc: 'libtensorflow_cc.2.dylib', framework: 'libtensorflow_framework.2.dylib' },
    { cc: 'libtensorflow.2.dylib', framework: 'libtensorflow_framework.2.dylib' },
  ],
  // The Windows wheel keeps the C API in a DLL that needs Python itself: only the C archive's serves.
  win32: [{ cc: 'tensorflow.dll', framework: null }],
};

/** The per-user cache folder of Atelier, outside any project and any checkout. */
export function cacheFolder(options: LocateOptions = {}): string {
  const { platform = process.platform, environment = process.env } = options;
  if (environment.ATELIER_CACHE) return resolve(environment.ATELIER_CACHE);
  const home = environment.HOME || homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'atelier');
  if (platform === 'win32') {
    return join(environment.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'atelier', 'cache');
  }
  return join(environment.XDG_CACHE_HOME || join(home, '.cache'), 'atelier');
}

/** Looks for libtensorflow and tells every place it looked at, in order. */
export function searchTensorFlow(options: LocateOptions = {}): {
  located: LocatedTensorFlow | null;
  looked: LookedAt[];
} {
  const { platform = process.platform, environment = process.env } = options;
  const candidates = libraryFiles[platform];
  const looked: LookedAt[] = [];
  if (!candidates) {
    looked.push({ place: platform, outcome: 'TensorFlow has no library for this system' });
    return { located: null, looked };
  }

  const lookIn = (folder: string, found: LocatedTensorFlow['found']): LocatedTensorFlow | null => {
    const files = candidates.find(
      ({ cc, framework }) =>
        existsSync(join(folder, cc)) && (framework === null || existsSync(join(folder, framework))),
    );
    const wanted = candidates.map(({ cc }) => cc).join(' or ');
    looked.push({ place: folder, outcome: files ? `found ${files.cc}` : `no ${wanted} here` });
    return files ? { folder, files, found } : null;
  };

  // A folder named on purpose is the only one looked at: falling back would hide a spelling mistake.
  const named = environment.ATELIER_TENSORFLOW;
  if (named) {
    const root = resolve(named);
    for (const folder of [root, join(root, 'lib'), join(root, 'tensorflow')]) {
      const located = lookIn(folder, 'environment');
      if (located) return { located, looked };
    }
    return { located: null, looked };
  }

  const cache = join(cacheFolder(options), 'tensorflow');
  const copies = sortCopies(folderNames(cache), options.gpu ?? hasNvidiaGpu(platform));
  if (copies.length === 0) looked.push({ place: cache, outcome: 'nothing in the cache' });
  for (const copy of copies) {
    for (const folder of [join(cache, copy), join(cache, copy, 'lib'), join(cache, copy, 'tensorflow')]) {
      const located = lookIn(folder, 'cache');
      if (located) return { located, looked };
    }
  }

  for (const folder of pythonFolders(platform, environment, looked)) {
    const located = lookIn(folder, 'python');
    if (located) return { located, looked };
  }
  return { located: null, looked };
}

/** Cached copies ("2.21.0-cuda", "2.21.0-cpu"), best first: the fitting flavour, then the newest version. */
export function sortCopies(names: string[], gpu: boolean): string[] {
  const flavour = (name: string) => Number(name.endsWith('-cuda') === gpu);
  return [...names].sort((a, b) => flavour(b) - flavour(a) || b.localeCompare(a, 'en', { numeric: true }));
}

function folderNames(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => entry.name)
      .filter((name) => /^\d/.test(name));
  } catch {
    return [];
  }
}

/** Whether an NVIDIA driver is at work here. */
export function hasNvidiaGpu(platform: NodeJS.Platform = process.platform): boolean {
  if (platform === 'linux') return existsSync('/proc/driver/nvidia/version') || existsSync('/dev/nvidia0');
  if (platform === 'win32') return existsSync('C:\\Windows\\System32\\nvcuda.dll');
  return false;
}

/** A Python that hangs must not hold up the rest; one on a busy machine answers within this. */
const pythonSeconds = 60;

/** The folder of Python's `tensorflow` package for each Python at hand; asks without importing it. */
function pythonFolders(
  platform: NodeJS.Platform,
  environment: NodeJS.ProcessEnv,
  looked: LookedAt[],
): string[] {
  const question =
    "import importlib.util as u; s = u.find_spec('tensorflow'); " +
    "print('\\n'.join(s.submodule_search_locations) if s and s.submodule_search_locations else '')";
  const folders = new Set<string>();
  for (const python of pythonExecutables(platform, environment)) {
    try {
      const answer = execFileSync(python, ['-c', question], {
        encoding: 'utf8',
        timeout: pythonSeconds * 1000,
        env: environment,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const found = answer.split(/\r?\n/).filter((line) => line !== '');
      if (found.length === 0) looked.push({ place: python, outcome: 'this Python has no tensorflow' });
      for (const folder of found) folders.add(folder);
    } catch (thrown) {
      const late = (thrown as NodeJS.ErrnoException).code === 'ETIMEDOUT';
      const outcome = late
        ? `this Python gave no answer within ${pythonSeconds} s, so it is not known whether it has tensorflow`
        : 'this Python does not answer';
      looked.push({ place: python, outcome });
    }
  }
  return [...folders];
}

/** Pythons that exist, in the order to ask them: ATELIER_PYTHON, the active environment, then the path. */
export function pythonExecutables(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
): string[] {
  const windows = platform === 'win32';
  const inEnvironment = (root: string) =>
    windows ? join(root, 'Scripts', 'python.exe') : join(root, 'bin', 'python');
  const named = [
    environment.ATELIER_PYTHON,
    environment.VIRTUAL_ENV && inEnvironment(environment.VIRTUAL_ENV),
    environment.CONDA_PREFIX &&
      (windows ? join(environment.CONDA_PREFIX, 'python.exe') : inEnvironment(environment.CONDA_PREFIX)),
  ].filter((path): path is string => Boolean(path));
  const onPath = (environment.PATH ?? environment.Path ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '');
  // WindowsApps holds a "python" that opens the Store instead of answering.
  const searched = onPath
    .filter((folder) => !/WindowsApps/i.test(folder))
    .flatMap((folder) =>
      (windows ? ['python.exe'] : ['python3', 'python']).map((name) => join(folder, name)),
    );
  return [...new Set([...named, ...searched])].filter((path) => existsSync(path)).slice(0, 6);
}
