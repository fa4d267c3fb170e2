/**
 * A measuring process: started, asked for a round at a time, ended; or heard out, where it asks for nothing and ends by
 * itself. Reads the lines of lines.ts.
 */
import { execFile, type ExecFileException, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Ready, Round } from './lines.ts';

export interface MeasuringProcess {
  readonly ready: Ready;
  /** Measures for about so many seconds. Rejects if the process ends first, or gives no answer in time and is killed. */
  round(seconds: number): Promise<Round>;
  /** Resolves when it is gone, by itself or killed, so that it takes nothing from what is measured next. */
  end(): Promise<void>;
}

/** How many seconds to wait. */
export interface Limits {
  ready: number;
  round: number;
}

/** A process that was told to end has this long before it is killed. */
const graceSeconds = 10;
/** For those that are heard out. */
const hearingSeconds = 900;

/** Starts `command`; rejects with what it wrote to stderr if it ends before it is ready, or is not ready in time. */
export async function startMeasuring(
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
  limits: Limits,
): Promise<MeasuringProcess> {
  const [file = '', ...parameters] = command;
  const child = spawn(file, parameters, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4000)));
  child.stdin.on('error', () => {}); // told by the end of the process

  let settle: { resolve(value: Ready | Round): void; reject(reason: Error): void } | null = null;
  const next = async <T extends Ready | Round>(what: string, seconds: number): Promise<T> => {
    const answer = new Promise<T>((resolve, reject) => {
      settle = { resolve: resolve as (value: Ready | Round) => void, reject };
    });
    const late = setTimeout(() => {
      settle?.reject(new Error(`${what} within ${seconds} s`));
      child.kill('SIGKILL');
    }, seconds * 1000);
    return answer.finally(() => clearTimeout(late));
  };
  const fail = (what: string) => settle?.reject(new Error(`${what}: ${lastLine(complaints)}`));
  let ended = false;
  const gone = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      settle?.reject(error);
      resolve();
    });
    child.on('close', (code) => {
      ended = true;
      fail(`ended with ${code ?? 'a signal'}`);
      resolve();
    });
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Anything that is no object is a library's chatter.
    if (line.startsWith('{')) settle?.resolve(JSON.parse(line) as Ready | Round);
  });
  const end = async () => {
    child.stdin.end();
    const late = setTimeout(() => child.kill('SIGKILL'), graceSeconds * 1000);
    await gone;
    clearTimeout(late);
  };

  try {
    const ready = await next<Ready>('was not ready', limits.ready);
    return {
      ready,
      round(seconds) {
        if (ended) return Promise.reject(new Error('the process has ended'));
        const answer = next<Round>('gave no answer', limits.round);
        child.stdin.write(`${seconds}\n`);
        return answer;
      },
      end,
    };
  } catch (reason) {
    await end();
    throw reason;
  }
}

/** Runs `command` to its end and gives what it wrote to stdout; rejects with its last words where it fails, or is killed in the end. */
export async function hearOut(
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
  seconds = hearingSeconds,
): Promise<string> {
  const [file = '', ...parameters] = command;
  try {
    const { stdout } = await promisify(execFile)(file, parameters, {
      env: environment,
      maxBuffer: 2 ** 28,
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
    });
    return stdout;
  } catch (reason) {
    const { code, killed, stderr = '' } = reason as ExecFileException;
    if (killed) throw new Error(`did not end within ${seconds} s: ${lastLine(stderr)}`, { cause: reason });
    // Only a process that did run has last words; the others' reason is Node's.
    if (typeof code === 'string') throw reason;
    throw new Error(`ended with ${code ?? 'a signal'}: ${lastLine(stderr)}`, { cause: reason });
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').pop() || 'it said nothing';
}
