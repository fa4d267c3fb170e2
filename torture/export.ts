/**
 * Kills exports: at any time, and at the n-th of each system call on the bundle's files; calls fail, too. Afterwards the
 * place holds what it held before (nothing, or the older bundle, whole) or the new bundle, whole and read back against its
 * manifest; an export that said it was done is there; and the next export leaves the bundle alone in the folder.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { exportRun } from '#learning/export/export-run.ts';
import { readBundle } from '#learning/export/read-bundle.ts';
import { exportInputOf, sampleNetwork } from '#learning/export/testing.ts';
import { generator } from '#learning/random-numbers.ts';
import { type Strike, traced, whyNoStrace } from './strace.ts';
import { inTrialFolder, type KillOptions } from './trials.ts';

interface ExportOptions extends KillOptions {
  /** Ways to strike system calls; none where strace cannot be used. */
  ways?: readonly Strike['how'][];
  /** Of the calls of one name at most so many are struck, spread over them; all where absent. */
  strikes?: number;
  /** Writes under the final name, to show that it is noticed. */
  sabotage?: 'in-place';
}

const names = { target: 'bundle.zip', part: 'bundle.zip.000000000000.part' };

/** Needs an engine, which makes the bundles. */
export async function tortureExport(options: ExportOptions) {
  const { trials, seed, command, sabotage, strikes = Infinity, onLine = () => undefined } = options;
  const ways = whyNoStrace() === null ? (options.ways ?? ['KILL', 'EIO', 'ENOSPC']) : [];
  const result = {
    /** Exports killed at random times, and those that ended before. */
    kills: 0,
    late: 0,
    /** System calls struck, by name. */
    struck: {} as Record<string, number>,
    /** What the place held afterwards. */
    nothing: 0,
    old: 0,
    new: 0,
    losses: [] as string[],
  };
  return inTrialFolder('export', result, async (place) => {
    const [input, folder, oldFile] = [join(place, 'input'), join(place, 'folder'), join(place, 'old.zip')];
    const [target, part] = [join(folder, names.target), join(folder, names.part)];
    const exporting = [...command, input, target, part, ...(sabotage ? [sabotage] : [])];
    const layers = [{ kind: 'conv', filters: 8 }, { kind: 'flatten' }];
    const inputOf = async (drawn: number) =>
      exportInputOf(await sampleNetwork(layers, { images: 12, classCount: 3, seed: drawn }), target);
    const [older, newer] = [await inputOf(1), await inputOf(2)];
    await exportRun('bundle', { ...older, path: oldFile });
    await exportRun('bundle', { ...newer, path: join(place, 'new.zip') });
    const [oldBytes, newBytes] = [await readFile(oldFile), await readFile(join(place, 'new.zip'))];
    await writeFile(input, serialize(newer));

    /** A folder with the older bundle in it, or with nothing. */
    const lay = async (occupied: boolean) => {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      if (occupied) await copyFile(oldFile, target);
    };

    /** @param said what the export printed before it ended */
    const judge = async (what: string, occupied: boolean, said: string, killed: boolean) => {
      const tell = (loss: string) => {
        result.losses.push(`${what}, ${occupied ? 'over an older bundle' : 'into an empty folder'}: ${loss}`);
        onLine(result.losses.at(-1)!);
      };
      const found = await readFile(target).catch(() => null);
      if (found === null) {
        result.nothing += 1;
        if (occupied) tell('the older bundle is gone');
      } else if (found.equals(newBytes)) {
        result.new += 1;
        await readBundle(target).catch((error: Error) => tell(error.message));
      } else if (occupied && found.equals(oldBytes)) result.old += 1;
      else tell(`there are ${found.length} bytes of neither bundle`);
      if (said === 'exported' && !found?.equals(newBytes)) tell('it said "exported" and was not');
      const left = await readdir(folder);
      if (!killed && left.some((name) => name !== names.target)) tell(`${left.join(', ')} is left`);
      // What a killed export left behind is no hindrance to the next one, and gone after it.
      await exportRun('bundle', newer);
      const after = await readdir(folder);
      if (after.join() !== names.target || !(await readFile(target)).equals(newBytes))
        tell(`the next export left ${after.join(', ')}`);
    };

    await lay(false);
    const { seconds, said } = await timed(exporting, null);
    if (said !== 'exported') throw new Error(`An export that nothing struck said ${said}`);
    for (let trial = 1; trial <= trials; trial += 1) {
      const uniform = generator(seed, trial);
      const occupied = uniform() < 0.5;
      await lay(occupied);
      // The last part of it writes, and much happens there.
      const when = seconds * (uniform() < 0.5 ? uniform() : 0.5 + 0.6 * uniform());
      const { said, killed } = await timed(exporting, when);
      if (killed) result.kills += 1;
      else result.late += 1;
      await judge(`killed after ${when.toFixed(3)} s`, occupied, said, killed);
      if (trial % 50 === 0) onLine(`${trial} exports, ${result.kills} killed, ${result.losses.length} lost`);
    }

    for (const how of ways) {
      await lay(true);
      const whole = await traced(exporting, [folder, target, part], join(place, 'log'), null);
      for (const name of new Set(whole.calls.map((call) => call.name))) {
        const count = whole.calls.filter((call) => call.name === name).length;
        const step = Math.max(1, count / strikes);
        for (let at = 1; at <= count; at += step) {
          const n = Math.floor(at);
          const occupied = n % 2 === 0;
          await lay(occupied);
          const { stdout, struck } = await traced(exporting, [folder, target, part], join(place, 'log'), {
            name,
            n,
            how,
          });
          if (!struck) continue;
          result.struck[name] = (result.struck[name] ?? 0) + 1;
          // A failed removal of the unfinished file is one call more than can be helped.
          const left = how === 'KILL' || name === 'unlink';
          await judge(`${how} at ${name} ${n}`, occupied, stdout, left);
        }
        onLine(`${how} at ${name}: ${count} calls, ${result.losses.length} lost so far`);
      }
    }
  });
}

/** Runs a program, killed after so many seconds where given. */
async function timed(command: readonly string[], seconds: number | null) {
  const begun = performance.now();
  const [program, ...words] = command as [string, ...string[]];
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  const timer = seconds === null ? undefined : setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
  let stdout = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  return { said: stdout.trim(), killed: signal === 'SIGKILL', seconds: (performance.now() - begun) / 1000 };
}
