/**
 * `npm run torture -- train|studio|label|locked|replaced|full-disk [--trials N] [--seed N] [--threads N]` and
 * `npm run torture -- checkpoint`: long forms of tests that break things, with figures. Exit code 1 on any loss. Their quick forms are the tests of this folder.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { appRoot } from '#engine/app-root.ts';
import { strikeEverySystemCall } from './checkpoint.ts';
import { tortureFullDisk } from './full-disk.ts';
import { tortureLabels } from './label.ts';
import { tortureLocked } from './locked.ts';
import { tortureReplaced } from './replaced.ts';
import { tortureStudio } from './studio.ts';
import { tortureTraining } from './train.ts';

const usage =
  'Use: npm run torture -- train|studio|label|locked|replaced|full-disk [--trials N] [--seed N] [--threads N], or: checkpoint';

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

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say((error as Error).message);
    process.exit(2);
  },
);
