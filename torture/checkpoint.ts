/**
 * Strikes every system call of a save in turn: at the n-th call of each name the process is killed, or the call
 * fails, until no call is left. Afterwards the folder must hold the old state or the new one, whole. The method is
 * that of SQLite's crash tests.
 */
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '#learning/files/durable-file.ts';
import { lossIn, saveStage, stagesBefore, stageSaved } from './stages.ts';
import { type Strike, traced, whyNoStrace } from './strace.ts';
import { inTrialFolder, type KillOptions } from './trials.ts';

interface StrikeOptions extends Pick<KillOptions, 'command' | 'onLine'> {
  /** Which ways to strike; all when absent. */
  ways?: readonly Strike['how'][];
  /** Writes without a temporary file, to show that it is noticed. */
  sabotage?: 'in-place';
}

/** @throws Error where strace cannot be used */
export async function strikeEverySystemCall(options: StrikeOptions) {
  const { command, sabotage, ways = ['KILL', 'EIO', 'ENOSPC'], onLine = () => undefined } = options;
  const reason = whyNoStrace();
  if (reason) throw new Error(`Striking system calls needs strace: ${reason}.`);
  const result = {
    /** Saves that were struck. */
    runs: 0,
    /** How often a save makes each call. */
    calls: {} as Record<string, number>,
    /** Folders that held the old state afterwards, and the new one. */
    old: 0,
    new: 0,
    losses: [] as string[],
    /** System calls of a save that is let be, in their order. */
    order: [] as string[],
  };
  return inTrialFolder('save', result, async (place) => {
    const before = join(place, 'before');
    const folder = join(place, 'run');
    const names = ['model', 'checkpoint-8', 'checkpoint-16', 'checkpoint-24'];
    const paths = [
      folder,
      ...names.flatMap((name) => ['', '.tmp'].map((end) => join(folder, `${name}.safetensors${end}`))),
    ];

    const save = async (strike: Strike | null) => {
      await rm(folder, { recursive: true, force: true });
      await cp(before, folder, { recursive: true });
      const saving = [...command, folder, ...(sabotage ? [sabotage] : [])];
      return traced(saving, paths, join(place, 'log'), strike);
    };

    await mkdir(before);
    for (const stage of stagesBefore) await saveStage(before, stage, writeDurably);
    const whole = await save(null);
    if (whole.stdout !== 'saved' || (await lossIn(folder)).stage !== stageSaved) {
      throw new Error(`A save that nothing struck went wrong: ${whole.stdout}`);
    }
    result.order = whole.calls.map(({ line }) => line.replace(/^\d+\s+/, ''));
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
  });
}
