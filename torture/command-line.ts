/** `atelier …` in a process group of its own, read event by event as a script would, and killed whole with its worker. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Line {
  event: string;
  [field: string]: unknown;
}

/** Whether it is killed at a time from its start, or so long after the n-th event of a name. */
export type Blow = { seconds: number } | { event: string; count: number; milliseconds: number };

type Ending = { killed: true } | { killed: false; last: Line };

/**
 * Runs a command with --json to its end.
 * @param blow SIGKILL to all of its processes; none where null, and none where it ends before
 * @throws Error where it ends with an error event, by a signal of others, or without an event
 */
export async function atelier(
  command: readonly string[],
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  blow: Blow | null = null,
): Promise<Ending> {
  const [program, ...before] = command as [string, ...string[]];
  const child = spawn(program, [...before, ...args, '--json'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let struck = false;
  const strike = () => {
    struck = true;
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
  };
  let timer = blow && 'seconds' in blow ? setTimeout(strike, blow.seconds * 1000) : undefined;
  let [stderr, seen] = ['', 0];
  let last: Line | null = null;
  child.stderr.on('data', (text: Buffer) => (stderr = (stderr + text.toString()).slice(-2000)));
  createInterface({ input: child.stdout }).on('line', (text) => {
    // Cut where it was killed.
    if (!text.endsWith('}')) return;
    last = JSON.parse(text) as Line;
    if (!blow || !('event' in blow) || last.event !== blow.event || ++seen !== blow.count) return;
    timer = setTimeout(strike, blow.milliseconds);
  });
  // A group of its own outlives this process, unless it is told.
  process.once('exit', strike);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  process.off('exit', strike);
  if (struck && signal === 'SIGKILL') return { killed: true };
  const said = last as Line | null;
  if (code === 0 && said) return { killed: false, last: said };
  const why = said?.event === 'error' ? `${String(said['code'])}: ${String(said['message'])}` : stderr.trim();
  throw new Error(`atelier ${args.join(' ')} ended with ${signal ?? code}. ${why}`);
}
