/**
 * `npm run torture -- train|studio|import|label|locked|replaced|full-disk|export|mutated-sources [--trials N] [--seed N]
 * [--threads N]`, `mutated-bundle [--trials BITS]` (bits flipped of each byte, 1 to 8) and `checkpoint`: long forms of tests
 * that break things, with figures. Exit code 1 on any loss. Their quick forms are the tests of this folder.
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

const usage =
  'Use: npm run torture -- train|studio|import|label|locked|replaced|full-disk|export|mutated-sources|mutated-bundle [--trials N] [--seed N] [--threads N], or: checkpoint';

/** What is bundled beside this file. */
const program = (name: string) => [process.execPath, join(__dirname, `${name}.cjs`)];
const say = (line: string) => void process.stderr.write(`${line}\n`);

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
  switch (positionals[0]) {
    case 'train': {
      const { trials, kills, equal, seconds } = await tortureTraining({
        trials: number('trials', 300),
        seed: number('seed', 1),
        threads: number('threads', 0),
        command: program('training-process'),
        onLine: say,
      });
      process.stdout.write(
        `${trials} trials, ${kills} kills, ${equal} byte-equal, ${trials - equal} lost, ${Math.round(seconds)} s\n`,
      );
      return equal === trials ? 0 : 1;
    }
    case 'studio': {
      const { trials, kills, killsBeforeRun, killsBeforeEpoch, equal, seconds } = await tortureStudio({
        trials: number('trials', 40),
        seed: number('seed', 1),
        threads: number('threads', 0),
        command: [process.execPath, join(appRoot(), 'out', 'main', 'cli.cjs')],
        onLine: say,
      });
      process.stdout.write(
        `${trials} trials, ${kills} kills (${killsBeforeRun} before the run was there, ${killsBeforeEpoch} before its first epoch), ` +
          `${equal} the same, ${trials - equal} lost, ${Math.round(seconds)} s\n`,
      );
      return equal === trials ? 0 : 1;
    }
    case 'import': {
      const { trials, none, all, saving, losses, seconds } = await tortureImport({
        trials: number('trials', 200),
        seed: number('seed', 1),
        command: [process.execPath, join(appRoot(), 'out', 'main', 'cli.cjs')],
        onLine: say,
      });
      process.stdout.write(
        `${trials} studios killed while importing (${saving} while saving): ${none} times none of the images, ${all} times all, ${losses.length} lost, ${Math.round(seconds)} s\n`,
      );
      return losses.length === 0 ? 0 : 1;
    }
    case 'checkpoint': {
      const { runs, losses, calls, seconds } = await strikeEverySystemCall({
        command: program('saving-process'),
        onLine: say,
      });
      const struck = Object.entries(calls).map(([name, count]) => `${name} ${count}`);
      process.stdout.write(
        `${runs} saves struck at each of ${struck.join(', ')}: ${losses.length} lost, ${Math.round(seconds)} s\n`,
      );
      return losses.length === 0 ? 0 : 1;
    }
    case 'export':
      return tellExport(number('trials', 200), number('seed', 1));
    case 'mutated-bundle':
      return tellMutatedBundle(number('trials', 8));
    case 'mutated-sources': {
      const { trials, read, skipped, refused, losses, openFiles, heapGrowth, seconds } =
        await tortureMutatedSources({
          trials: number('trials', 100_000),
          seed: number('seed', 1),
          onLine: say,
        });
      process.stdout.write(
        `${trials} mutated IDX files, tables and archives: ${read} read, ${skipped} read with files skipped, ${refused} refused, ` +
          `${losses.length} lost; ${openFiles} files left open, heap ${(heapGrowth / 1e6).toFixed(1)} MB larger, ` +
          `${Math.round(seconds)} s, ${Math.round(trials / seconds)} a second\n`,
      );
      return losses.length === 0 && openFiles === 0 && heapGrowth < 32e6 ? 0 : 1;
    }
    case 'label': {
      const { kills, killsBeforeLabel, acknowledged, ahead, losses, seconds } = await tortureLabels({
        trials: number('trials', 10_000),
        seed: number('seed', 1),
        command: program('labelling-process'),
        onLine: say,
      });
      process.stdout.write(
        `${kills} kills (${killsBeforeLabel} before a label), ${acknowledged} labels acknowledged, ${losses.length} kills with a loss, ` +
          `${ahead} labels there before they were acknowledged, ${Math.round(seconds)} s\n`,
      );
      return losses.length === 0 ? 0 : 1;
    }
    case 'locked': {
      const { trials, acknowledged, refused, losses, seconds } = await tortureLocked({
        trials: number('trials', 1000),
        seed: number('seed', 1),
        command: program('locking-process'),
        onLine: say,
      });
      process.stdout.write(
        `${trials} labels under another program's lock, ${acknowledged} acknowledged, ${refused} refused, ${losses.length} faults, ${Math.round(seconds)} s\n`,
      );
      return losses.length === 0 ? 0 : 1;
    }
    case 'replaced': {
      const { trials, acknowledged, ways, losses, seconds } = await tortureReplaced({
        trials: number('trials', 1400),
        seed: number('seed', 1),
        onLine: say,
      });
      process.stdout.write(
        `${trials} projects taken away in ${Object.keys(ways).length} ways, ${acknowledged} labels acknowledged, ${losses.length} faults, ${Math.round(seconds)} s\n`,
      );
      return losses.length === 0 ? 0 : 1;
    }
    case 'full-disk': {
      const { trials, acknowledged, refused, looks, losses, seconds } = await tortureFullDisk({
        trials: number('trials', 300),
        seed: number('seed', 1),
        onLine: say,
      });
      process.stdout.write(
        `${trials} full disks, ${acknowledged} labels acknowledged, ${refused} refused, ${looks} openings to look, ${losses.length} faults, ${Math.round(seconds)} s\n`,
      );
      return losses.length === 0 ? 0 : 1;
    }
    default:
      throw new Error(usage);
  }
}

/** Kills exports. */
async function tellExport(trials: number, seed: number): Promise<number> {
  const engine = await openEngine();
  const { kills, struck, losses, seconds, ...left } = await tortureExport({
    ...{ trials, seed, command: program('exporting-process'), onLine: say },
  });
  await engine.close();
  const calls = Object.entries(struck).map(([name, count]) => `${name} ${count}`);
  process.stdout.write(
    `${trials} exports, ${kills} killed, struck at ${calls.join(', ')}: ${left.nothing} left nothing, ${left.old} the old, ` +
      `${left.new} the new; ${losses.length} lost, ${Math.round(seconds)} s\n`,
  );
  return losses.length === 0 ? 0 : 1;
}

/** @param patterns bits of every byte that are flipped, one after the other, with a manifest and without one */
async function tellMutatedBundle(patterns: number): Promise<number> {
  const engine = await openEngine();
  let wrong = 0;
  for (const manifest of [true, false]) {
    const bits = Array.from({ length: Math.min(patterns, 8) }, (_, bit) => 1 << bit);
    const result = await mutateEveryByte({ patterns: bits, manifest, onLine: say });
    wrong += result.wrong.length;
    for (const line of result.wrong.slice(0, 20)) say(line);
    const refused = Object.entries(result.refused).map(([code, count]) => `${code} ${count}`);
    process.stdout.write(
      `${result.trials} mutations of a bundle of ${result.size} bytes ${manifest ? 'with' : 'without'} a manifest: refused ` +
        `${refused.join(', ')}; ${result.same} answered the same; ${result.wrong.length} wrong, ${Math.round(result.seconds)} s\n`,
    );
  }
  await engine.close();
  return wrong === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say((error as Error).message);
    process.exit(2);
  },
);
