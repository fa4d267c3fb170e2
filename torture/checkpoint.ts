/**
 * Strikes every system call of a save in turn: at the n-th call of each name the process is killed, or the call
 * fails, until no call is left. Afterwards the folder must hold the old state or the new one, whole. The method is
 * that of SQLite's crash tests.
 */
import { cp, mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeDurably } from '#learning/files/durable-file.ts';
import { lossIn, saveStage, stagesBefore, stageSaved } from './stages.ts';
import { type Strike, traced, whyNoStrace } from './strace.ts';

export interface StrikeOptions {
  /** Starts saving-process.ts. */
  command: readonly string[];
  /** Which ways to strike; all when absent. */
  ways?: readonly Strike['how'][];
  /** Writes without a temporary file, to show that it is noticed. */
  sabotage?: 'in-place';
  onLine?: (line: string) => void;
}

export interface StrikeResult {
  /** Saves that were struck. */
  runs: number;
  /** How often a save makes each call. */
  calls: Record<string, number>;
  /** Folders that held the old state afterwards, and the new one. */
  old: number;
  new: number;
  losses: string[];
  /** System calls of a save that is let be, in their order. */
  order: string[];
  seconds: number;
}

/** @throws Error where strace cannot be used */
export async function strikeEverySystemCall(options: StrikeOptions): Promise<StrikeResult> {
  const { command, sabotage, ways = ['KILL', 'EIO', 'ENOSPC'], onLine = () => undefined } = options;
  const reason = whyNoStrace();
  if (reason) throw new Error(`Striking system calls needs strace: ${reason}.`);
  const begun = performance.now();
  const place = await realpath(await mkdtemp(join(tmpdir(), 'atelier-strace-')));
  const before = join(place, 'before');
  const folder = join(place, 'run');
  const names = [
    'model.safetensors',
    'checkpoint-8.safetensors',
    'checkpoint-16.safetensors',
    'checkpoint-24.safetensors',
  ];
  const paths = [folder, ...names.flatMap((name) => [join(folder, name), join(folder, `${name}.tmp`)])];

  const save = async (strike: Strike | null) => {
    await rm(folder, { recursive: true, force: true });
    await cp(before, folder, { recursive: true });
    const saving = [...command, folder, ...(sabotage ? [sabotage] : [])];
    return traced(saving, paths, join(place, 'log'), strike);
  };

  try {
    await mkdir(before);
    for (const stage of stagesBefore) await saveStage(before, stage, writeDurably);
    const whole = await save(null);
    if (whole.stdout !== 'saved' || (await lossIn(folder)).stage !== stageSaved) {
      throw new Error(`A save that nothing struck went wrong: ${whole.stdout}`);
    }
    const result: StrikeResult = {
      runs: 0,
      calls: {},
      old: 0,
      new: 0,
      losses: [],
      order: whole.calls.map(({ line }) => line.replace(/^\d+\s+/, '')),
      seconds: 0,
    };
    for (const name of new Set(whole.calls.map((call) => call.name))) {
      for (const how of ways) {
        // Until no call is left to strike.
        for (let n = 1; ; n += 1) {
          const { struck, stdout } = await save({ name, n, how });
          if (!struck) {
            result.calls[name] = n - 1;
            break;
          }
          result.runs += 1;
          const tell = (what: string) => {
            result.losses.push(`${how} at ${name} ${n}: ${what}`);
            onLine(result.losses.at(-1)!);
          };
          const unfinished = (await readdir(folder)).filter((file) => file.endsWith('.tmp'));
          // An error is lived through, and so cleaned up after; a failed removal is one call more than can be helped.
          if (how !== 'KILL' && unfinished.length > 0 && name !== 'unlink') tell(`${unfinished} is left`);
          if (how === 'ENOSPC' && stdout !== 'saved' && stdout !== 'DISK_FULL') tell(`said ${stdout}`);
          const { loss, stage } = await lossIn(folder);
          if (loss !== null) tell(loss);
          else if (stage === stageSaved) result.new += 1;
          else result.old += 1;
          if (stdout === 'saved' && stage !== stageSaved) tell('it said "saved" and was not');
          // What a struck save left behind is no hindrance to the next one.
          await saveStage(folder, stageSaved, writeDurably);
          const again = await lossIn(folder);
          if (again.loss !== null || again.stage !== stageSaved) tell(`saving again: ${again.loss}`);
        }
      }
      onLine(`${name}: ${result.calls[name]} calls, ${result.runs} saves struck so far`);
    }
    return { ...result, seconds: (performance.now() - begun) / 1000 };
  } finally {
    await rm(place, { recursive: true });
  }
}
