/**
 * Time of the processors in the place of time on the wall: what all processes of a program computed, over the number of
 * cores. On a machine that others use it tells what a program would take alone, but for what it waits for. Linux only.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

const ticksASecond = 100;

/** For the processes that are started from now on: their clock counts what they compute themselves. @param path to write to */
export function giveWorkersProcessorClock(path: string): void {
  writeFileSync(
    path,
    `const cores = require('os').cpus().length;
const { performance } = require('perf_hooks');
performance.now = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000 / cores; };
globalThis.performance.now = performance.now;
`,
  );
  process.env['NODE_OPTIONS'] = `--require ${path}`;
}

/** This process's own clock counts what it and those that it started compute. */
export function takeProcessorClock(): void {
  const cores = cpus().length;
  performance.now = () => {
    const { own, ended } = ticksOf('self');
    const living = children().reduce((sum, pid) => sum + ticksOf(pid).own + ticksOf(pid).ended, 0);
    return ((own + ended + living) / ticksASecond / cores) * 1000;
  };
}

/** Of a process, and of its children that have ended; 0 of one that is gone. */
function ticksOf(pid: string): { own: number; ended: number } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { own: fields[11]! + fields[12]!, ended: fields[13]! + fields[14]! };
  } catch {
    return { own: 0, ended: 0 };
  }
}

const children = (): string[] =>
  readdirSync(`/proc/${process.pid}/task`).flatMap((task) => {
    try {
      return readFileSync(`/proc/${process.pid}/task/${task}/children`, 'utf8')
        .trim()
        .split(' ')
        .filter(Boolean);
    } catch {
      return [];
    }
  });
