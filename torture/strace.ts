/** strace, as an instrument that strikes: one system call of a program is killed or made to fail. Linux only. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

interface Call {
  name: string;
  line: string;
}

/** At the n-th time, from 1, that one thread makes this call. */
export interface Strike {
  name: string;
  n: number;
  /** What happens: the process is killed, or the call fails in this way. */
  how: 'KILL' | 'EIO' | 'ENOSPC';
}

/** Why strace cannot be used here; null where it can. */
export function whyNoStrace(): string | null {
  const { error, status, stderr } = spawnSync(
    'strace',
    ['-f', '-o', '/dev/null', process.execPath, '-e', '0'],
    {
      encoding: 'utf8',
    },
  );
  if (error) return `strace cannot be started (${(error as NodeJS.ErrnoException).code})`;
  return status === 0 ? null : `strace may not trace here: ${stderr.trim().split('\n').pop()}`;
}

/**
 * Runs a Node program under strace, which sees and strikes only the calls on these paths. File work goes through one
 * thread, so that calls keep their order.
 * @returns what it printed, its calls on `paths` in their order, and whether it was struck
 */
export async function traced(
  command: readonly string[],
  paths: readonly string[],
  log: string,
  strike: Strike | null,
) {
  const inject = strike
    ? [
        '-e',
        `inject=${strike.name}:${strike.how === 'KILL' ? 'signal=KILL' : `error=${strike.how}`}:when=${strike.n}`,
      ]
    : [];
  const watch = paths.flatMap((path) => ['-P', path]);
  const child = spawn('strace', ['-f', '-qq', '-o', log, ...watch, ...inject, ...command], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '1', UV_USE_IO_URING: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  const text = await readFile(log, 'utf8');
  const calls = text.split('\n').flatMap((line): Call[] => {
    const match = /^\d+\s+(\w+)\(/.exec(line);
    return match ? [{ name: match[1]!, line }] : [];
  });
  const struck = strike?.how === 'KILL' ? signal === 'SIGKILL' : text.includes('(INJECTED)');
  return { stdout: stdout.trim(), calls, struck };
}
