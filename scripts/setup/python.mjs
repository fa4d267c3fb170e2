/** Finds a Python with pip, the client through which wheels are fetched, and fetches single wheels with it. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { installDebian } from './apt.mjs';
import { checkDigest, sha256 } from './digest.mjs';
import { lastLine, run, which } from './run.mjs';
import { say, SetupError, transferText } from './say.mjs';

let found;

/**
 * The command that is pip here, such as ['/usr/bin/python3', '-m', 'pip'], or null. Where Python lacks it,
 * ensurepip (into the user's own folder) and, as root on Debian, apt are tried.
 */
export async function findPip() {
  if (found !== undefined) return found;
  const pythons = ['python3', 'python', 'py'].map(which).filter(Boolean);
  // The last two run pip without an installation of it.
  const others = ['pip3', 'pip', 'uvx pip', 'pipx run pip'].map((command) => {
    const [program, ...args] = command.split(' ');
    return [which(program), ...args];
  });
  const candidates = [
    ...pythons.map((python) => [python, '-m', 'pip']),
    ...others.filter(([path]) => path !== null),
  ];
  const works = async ([command, ...args]) => {
    const { code, timedOut } = await run(command, [...args, '--version'], { timeout: 60_000 });
    if (timedOut)
      say(`  ${[command, ...args].join(' ')} gave no answer within a minute: going on without it.`);
    return code === 0;
  };
  for (const candidate of candidates) if (await works(candidate)) return (found = candidate);
  for (const python of pythons) {
    await run(python, ['-m', 'ensurepip', '--user'], { timeout: 120_000 });
    if (await works([python, '-m', 'pip'])) return (found = [python, '-m', 'pip']);
  }
  if ((await installDebian(['python3-pip'], 'pip, which fetches TensorFlow')).missing.length === 0) {
    const python = which('python3');
    if (python && (await works([python, '-m', 'pip']))) return (found = [python, '-m', 'pip']);
  }
  return (found = null);
}

/** @throws {SetupError} where there is none and none can be had */
export async function requirePip() {
  const command = await findPip();
  if (command) return command;
  throw new SetupError(
    'No Python with pip was found, which Atelier uses to fetch TensorFlow; install Python 3 with pip (Debian: apt-get install python3-pip, or start again as root with ATELIER_APT=1), or point ATELIER_TENSORFLOW at a folder with libtensorflow.',
  );
}

/** pip with arguments; TMPDIR lies in `staging`, so that what has arrived can be seen growing. */
export async function pip(args, { staging, timeout, onBytes } = {}) {
  const command = await requirePip();
  const env = { PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1', PYTHONWARNINGS: 'ignore' };
  let timer;
  if (staging) {
    const temporary = join(staging, 'tmp');
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { recursive: true });
    env.TMPDIR = temporary;
    env.TEMP = temporary;
    if (onBytes) timer = setInterval(() => onBytes(sizeOfFolder(temporary)), 500);
  }
  const result = await run(command[0], [...command.slice(1), ...args], { env, timeout });
  clearInterval(timer);
  if (staging) rmSync(join(staging, 'tmp'), { recursive: true, force: true });
  return result;
}

function sizeOfFolder(folder) {
  let total = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      total += entry.isDirectory()
        ? sizeOfFolder(path)
        : (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    }
  } catch {
    return total;
  }
  return total;
}

/** The newest pips can go on with a download that broke off. */
async function resumeArguments() {
  const { stdout } = await pip(['--version'], { timeout: 30_000 });
  const [major = 0, minor = 0] = (/pip (\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number);
  return major > 25 || (major === 25 && minor >= 1) ? ['--resume-retries', '8'] : [];
}

/**
 * Fetches one wheel into `folder` with `pip download` and checks it; one that is already there and right is kept.
 * @param {{package: string, version: string, platform: string, python: string, wheel: string, bytes: number, sha256: string}} what
 * @returns {Promise<string>} path of the wheel
 */
export async function fetchWheel(what, folder, progress) {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, what.wheel);
  if (existsSync(path)) {
    if ((await sha256(path)) === what.sha256) return path;
    rmSync(path);
  }
  const begun = Date.now();
  // pip moves the file when it is whole: what can be seen of it shrinks again.
  let seen = 0;
  const how = 'download --no-deps --no-cache-dir --only-binary=:all: --quiet --retries 5 --timeout 30';
  const kind = `--platform ${what.platform} --python-version ${what.python} --implementation cp`;
  const args = [...`${how} ${kind}`.split(' '), '--dest', folder, ...(await resumeArguments())];
  const result = await pip([...args, `${what.package}==${what.version}`], {
    staging: folder,
    timeout: 3_600_000,
    onBytes: (bytes) => {
      seen = Math.min(Math.max(seen, bytes), what.bytes);
      progress?.(transferText(seen, what.bytes, begun));
    },
  });
  if (result.code !== 0 || !existsSync(path)) {
    throw new SetupError(
      `${what.package} ${what.version} could not be fetched with pip (${lastLine(result.output)}); check the network or pip's settings and run the command again.`,
    );
  }
  progress?.('checking');
  try {
    checkDigest(what.wheel, what.sha256, await sha256(path));
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
  return path;
}
