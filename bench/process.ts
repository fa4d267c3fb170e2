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
  /** Measures for about so many seconds. Rejects if the process ends first. */
  round(seconds: number): Promise<Round>;
  end(): void;
}

/** Starts `command`; rejects with what it wrote to stderr if it ends before it is ready. */
export async function startMeasuring(
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<MeasuringProcess> {
  const [file = '', ...parameters] = command;
  const child = spawn(file, parameters, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString()).slice(-4000)));
  child.stdin.on('error', () => {}); // told by the end of the process

  let settle: { resolve(value: Ready | Round): void; reject(reason: Error): void } | null = null;
  const next = <T extends Ready | Round>() =>
    new Promise<T>((resolve, reject) => {
      settle = { resolve: resolve as (value: Ready | Round) => void, reject };
    });
  const fail = (what: string) => settle?.reject(new Error(`${what}: ${lastLine(complaints)}`));
  child.on('error', (error) => settle?.reject(error));
  let ended = false;
  child.on('close', (code) => {
    ended = true;
    fail(`ended with ${code ?? 'a signal'}`);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Anything that is no object is a library's chatter.
    if (line.startsWith('{')) settle?.resolve(JSON.parse(line) as Ready | Round);
  });

  const ready = await next<Ready>();
  return {
    ready,
    round(seconds) {
      if (ended) return Promise.reject(new Error('the process has ended'));
      const answer = next<Round>();
      child.stdin.write(`${seconds}\n`);
      return answer;
    },
    end: () => child.stdin.end(),
  };
}

/** Runs `command` to its end and gives what it wrote to stdout; rejects with its last words where it fails. */
export async function hearOut(command: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const [file = '', ...parameters] = command;
  try {
    const { stdout } = await promisify(execFile)(file, parameters, {
      env: environment,
      maxBuffer: 2 ** 28,
    });
    return stdout;
  } catch (reason) {
    const { code, stderr = '' } = reason as ExecFileException;
    // Only a process that did run has last words; the others' reason is Node's.
    if (typeof code === 'string') throw reason;
    throw new Error(`ended with ${code ?? 'a signal'}: ${lastLine(stderr)}`, { cause: reason });
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').pop() || 'it said nothing';
}
