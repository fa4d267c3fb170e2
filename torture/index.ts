/**
 * `npm run torture -- NAME [--trials N] [--seed N] [--threads N]`: long forms of tests that break things, with figures. Exit
 * code 1 on any loss. Their quick forms are the tests of this folder; what each does is its own file.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { appRoot } from '#engine/app-root.ts';
import { openEngine } from '#learning/tensorflow/engine.ts';
import { strikeEverySystemCall } from './checkpoint.ts';
import { tortureExport } from './export.ts';
import { tortureFullDisk } from './full-disk.ts';
import { tortureImport } from './import.ts';
import { tortureLabels } from './label.ts';
import { tortureLocked } from './locked.ts';
import { mutateEveryByte } from './mutated-bundle.ts';
import { tortureMutatedSources } from './mutated-sources.ts';
import { tortureReplaced } from './replaced.ts';
import { tortureStudio } from './studio.ts';
import { tortureTraining } from './train.ts';

/** What is bundled beside this file. */
const program = (name: string) => [process.execPath, join(__dirname, `${name}.cjs`)];
/** The command line as people have it. */
const commandLine = () => [process.execPath, join(appRoot(), 'out', 'main', 'cli.cjs')];
const say = (line: string) => void process.stderr.write(`${line}\n`);

interface Asked {
  trials: number;
  seed: number;
  threads: number;
  onLine: (line: string) => void;
}

/** What a torture came to: its figures, and whether nothing was lost. */
interface Told {
  figures: string;
  held: boolean;
  seconds: number;
}

interface Torture {
  /** How many trials unless asked otherwise; null where what is to be tried is counted. */
  trials: number | null;
  run: (asked: Asked) => Promise<Told>;
}

const counts = (of: Record<string, number>) =>
  Object.entries(of)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

/** By name. */
const tortures: Record<string, Torture> = {
  train: {
    trials: 300,
    run: async (asked) => {
      const result = await tortureTraining({ ...asked, command: program('training-process') });
      const { trials, kills, equal, seconds } = result;
      return {
        figures: `${trials} trials, ${kills} kills, ${equal} byte-equal, ${trials - equal} lost`,
        held: equal === trials,
        seconds,
      };
    },
  },
  studio: {
    trials: 40,
    run: async (asked) => {
      const result = await tortureStudio({ ...asked, command: commandLine() });
      const { trials, kills, killsBeforeRun, killsBeforeEpoch, equal, seconds } = result;
      return {
        figures:
          `${trials} trials, ${kills} kills (${killsBeforeRun} before the run was there, ${killsBeforeEpoch} before its first epoch), ` +
          `${equal} the same, ${trials - equal} lost`,
        held: equal === trials,
        seconds,
      };
    },
  },
  import: {
    trials: 200,
    run: async (asked) => {
      const result = await tortureImport({ ...asked, command: commandLine() });
      const { trials, none, all, saving, losses, seconds } = result;
      return {
        figures: `${trials} studios killed while importing (${saving} while saving): ${none} times none of the images, ${all} times all, ${losses.length} lost`,
        held: losses.length === 0,
        seconds,
      };
    },
  },
  label: {
    trials: 10_000,
    run: async (asked) => {
      const result = await tortureLabels({ ...asked, command: program('labelling-process') });
      const { kills, killsBeforeLabel, acknowledged, ahead, losses, seconds } = result;
      return {
        figures:
          `${kills} kills (${killsBeforeLabel} before a label), ${acknowledged} labels acknowledged, ${losses.length} kills with a loss, ` +
          `${ahead} labels there before they were acknowledged`,
        held: losses.length === 0,
        seconds,
      };
    },
  },
  locked: {
    trials: 1000,
    run: async (asked) => {
      const result = await tortureLocked({ ...asked, command: program('locking-process') });
      const { trials, acknowledged, refused, losses, seconds } = result;
      return {
        figures: `${trials} labels under another program's lock, ${acknowledged} acknowledged, ${refused} refused, ${losses.length} faults`,
        held: losses.length === 0,
        seconds,
      };
    },
  },
  replaced: {
    trials: 1400,
    run: async (asked) => {
      const { trials, acknowledged, ways, losses, seconds } = await tortureReplaced(asked);
      return {
        figures: `${trials} projects taken away in ${Object.keys(ways).length} ways, ${acknowledged} labels acknowledged, ${losses.length} faults`,
        held: losses.length === 0,
        seconds,
      };
    },
  },
  'full-disk': {
    trials: 300,
    run: async (asked) => {
      const { trials, acknowledged, refused, looks, losses, seconds } = await tortureFullDisk(asked);
      return {
        figures: `${trials} full disks, ${acknowledged} labels acknowledged, ${refused} refused, ${looks} openings to look, ${losses.length} faults`,
        held: losses.length === 0,
        seconds,
      };
    },
  },
  export: {
    trials: 200,
    run: async (asked) => {
      const engine = await openEngine();
      const result = await tortureExport({ ...asked, command: program('exporting-process') });
      await engine.close();
      const { kills, struck, nothing, old, new: whole, losses, seconds } = result;
      return {
        figures:
          `${asked.trials} exports, ${kills} killed, struck at ${counts(struck)}: ${nothing} left nothing, ${old} the old, ` +
          `${whole} the new; ${losses.length} lost`,
        held: losses.length === 0,
        seconds,
      };
    },
  },
  'mutated-sources': {
    trials: 100_000,
    run: async (asked) => {
      const result = await tortureMutatedSources(asked);
      const { trials, read, skipped, refused, losses, openFiles, heapGrowth, seconds } = result;
      return {
        figures:
          `${trials} mutated IDX files, tables and archives: ${read} read, ${skipped} read with files skipped, ${refused} refused, ` +
          `${losses.length} lost; ${openFiles} files left open, heap ${(heapGrowth / 1e6).toFixed(1)} MB larger, ` +
          `${Math.round(trials / seconds)} a second`,
        held: losses.length === 0 && openFiles === 0 && heapGrowth < 32e6,
        seconds,
      };
    },
  },
  // Trials are the bits of each byte that are flipped, one after the other, with a manifest and without one.
  'mutated-bundle': {
    trials: 8,
    run: async ({ trials, onLine }) => {
      const patterns = Array.from({ length: Math.min(trials, 8) }, (_, bit) => 1 << bit);
      const engine = await openEngine();
      const told: string[] = [];
      const all = { wrong: 0, seconds: 0 };
      for (const manifest of [true, false]) {
        const { size, trials, refused, same, wrong, seconds } = await mutateEveryByte({
          ...{ patterns, manifest, onLine },
        });
        for (const line of wrong.slice(0, 20)) onLine(line);
        told.push(
          `${trials} mutations of a bundle of ${size} bytes ${manifest ? 'with' : 'without'} a manifest: refused ` +
            `${counts(refused)}; ${same} answered the same; ${wrong.length} wrong`,
        );
        all.wrong += wrong.length;
        all.seconds += seconds;
      }
      await engine.close();
      return { figures: told.join('\n'), held: all.wrong === 0, seconds: all.seconds };
    },
  },
  checkpoint: {
    trials: null,
    run: async ({ onLine }) => {
      const { runs, losses, calls, seconds } = await strikeEverySystemCall({
        ...{ command: program('saving-process'), onLine },
      });
      return {
        figures: `${runs} saves struck at each of ${counts(calls)}: ${losses.length} lost`,
        held: losses.length === 0,
        seconds,
      };
    },
  },
};

const usage = `Use: npm run torture -- ${Object.keys(tortures).join('|')} [--trials N] [--seed N] [--threads N]`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { trials: { type: 'string' }, seed: { type: 'string' }, threads: { type: 'string' } },
  });
  const number = (name: keyof typeof values, otherwise: number) => {
    const value = values[name] === undefined ? otherwise : Number(values[name]);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new Error(`--${name} expects a whole number, received ${values[name]}. ${usage}`);
  };
  const [name = '', ...more] = positionals;
  if (!Object.hasOwn(tortures, name) || more.length > 0) throw new Error(usage);
  const { trials, run } = tortures[name]!;
  if (trials === null && values.trials !== undefined)
    throw new Error(`${name} tries everything there is: it takes no --trials. ${usage}`);
  const { figures, held, seconds } = await run({
    trials: number('trials', trials ?? 0),
    seed: number('seed', 1),
    threads: number('threads', 0),
    onLine: say,
  });
  process.stdout.write(`${figures}, ${Math.round(seconds)} s\n`);
  return held ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say((error as Error).message);
    process.exit(2);
  },
);
