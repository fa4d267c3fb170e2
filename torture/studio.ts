/**
 * Kills whole trainings of the command line, studio and worker at once, lets them go on by `train --resume`, and compares
 * files and what the project says of the run with one that was never disturbed. Half of the kills come at any time, the
 * others right after an event: the run's beginning, an epoch.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Run } from '#contract/run.ts';
import { appRoot } from '#engine/app-root.ts';
import { OpenProject } from '#engine/project/project.ts';
import { type RandomStream, generator } from '#learning/random-numbers.ts';
import { type Outcome, outcomeOf } from '#learning/training/testing.ts';
import { atelier, type Blow, type Line } from './command-line.ts';
import { differencesOf } from './differences.ts';
import { withoutSlots } from './sabotage.ts';
import { recipeOf, type ScenarioName, scenarioNames } from './scenarios.ts';
import { inTrialFolder, type KillOptions } from './trials.ts';

interface StudioOptions extends KillOptions {
  threads?: number;
  /** From this trial on, checkpoints lose the optimizer state, to show that it is noticed. */
  sabotageFrom?: number;
  /** All when absent. */
  scenarios?: readonly ScenarioName[];
}

/** The only run of each project. */
const runId = 'run-1';

/** What the command line says of the run. */
interface State {
  state: string;
  epochs: number;
}

/** What must be the same. */
interface Result {
  files: Outcome;
  /** As the project has it, but for times. */
  run: Pick<Run, 'bestEpoch' | 'validationAccuracy' | 'testAccuracy' | 'epochs'>;
}

export async function tortureStudio(options: StudioOptions) {
  const { trials, seed, command, scenarios = scenarioNames, onLine = () => undefined } = options;
  const { sabotageFrom = Infinity } = options;
  const result = {
    trials: 0,
    kills: 0,
    /** Kills before there was a run, and between its beginning and its first epoch. */
    killsBeforeRun: 0,
    killsBeforeEpoch: 0,
    /** Trials after which all was the same. */
    equal: 0,
    losses: [] as { trial: number; scenario: ScenarioName; differences: string[] }[],
  };
  const keeps = () => result.losses.some(({ trial }) => trial < sabotageFrom);
  return inTrialFolder('studio', result, tryIn, { onLine, keeps });

  async function tryIn(place: string): Promise<void> {
    const temporary = join(place, 'temporary');
    const environment = {
      ...process.env,
      TF_CPP_MIN_LOG_LEVEL: '2',
      ATELIER_STATE: join(place, 'state.json'),
      // What a killed studio leaves there goes with the rest.
      TMPDIR: temporary,
      ...(options.threads ? { ATELIER_THREADS: String(options.threads) } : {}),
    };
    const run = (args: readonly string[], blow: Blow | null = null) =>
      atelier(command, args, environment, blow);
    const base = join(place, 'base.atelier');
    const references = new Map<ScenarioName, { result: Result; seconds: number }>();
    const start = (project: string, scenario: ScenarioName) => [
      ...['train', project, '--recipe', join(place, `${scenario}.json`)],
    ];

    /** The same, never disturbed. */
    const referenceOf = async (scenario: ScenarioName) => {
      const known = references.get(scenario);
      if (known) return known;
      const project = join(place, `reference-${scenario}.atelier`);
      await cp(base, project, { recursive: true });
      await writeFile(join(place, `${scenario}.json`), JSON.stringify(recipeOf(scenario)));
      const from = performance.now();
      await run(start(project, scenario));
      const seconds = (performance.now() - from) / 1000;
      const reference = { result: await resultOf(project), seconds };
      references.set(scenario, reference);
      return reference;
    };

    await mkdir(temporary);
    await run(['new', base, '--from', join(appRoot(), 'resources', 'fashion-mnist-small')]);
    for (let trial = 1; trial <= trials; trial += 1) {
      const uniform = generator(seed, trial);
      const scenario = scenarios[trial % scenarios.length]!;
      const reference = await referenceOf(scenario);
      const project = join(place, `trial-${trial}.atelier`);
      let differences: string[];
      try {
        const wanted = 1 + Math.floor(uniform() ** 2 * 3);
        const spoil = trial >= sabotageFrom;
        await trainKilled({ project, scenario, spoil }, wanted, reference.seconds, uniform);
        differences = compare(reference.result, await resultOf(project));
      } catch (error) {
        differences = [(error as Error).message];
      }
      result.trials = trial;
      if (differences.length === 0) {
        result.equal += 1;
        await rm(project, { recursive: true });
      } else {
        result.losses.push({ trial, scenario, differences });
        onLine(`trial ${trial} (${scenario}) is not the same: ${differences.join('; ')}`);
      }
      if (trial % 10 === 0) onLine(`${trial} trials, ${result.kills} kills, ${result.equal} the same`);
    }

    /** Trains to the end and tests, killed up to so many times and at least once on the way. */
    async function trainKilled(
      { project, scenario, spoil }: { project: string; scenario: ScenarioName; spoil: boolean },
      wanted: number,
      seconds: number,
      uniform: RandomStream,
    ): Promise<void> {
      let kills = 0;
      let state: State | null = null;
      for (let attempt = 0; attempt < 100; attempt += 1) {
        if (kills === 0) {
          // From the beginning, also where the blow came too late: it is kills that are counted.
          await rm(project, { recursive: true, force: true });
          await cp(base, project, { recursive: true });
        }
        const blow = kills < wanted ? blowAt(uniform, spoil ? null : seconds) : null;
        const ending = await run(
          state ? ['train', project, '--resume', runId] : start(project, scenario),
          blow,
        );
        if (!ending.killed) {
          if (kills > 0) return;
          continue;
        }
        kills += 1;
        result.kills += 1;
        state = await stateOf(project);
        if (!state) result.killsBeforeRun += 1;
        else if (state.epochs === 0) result.killsBeforeEpoch += 1;
        if (state?.state === 'finished') {
          // Killed while it was being tested, or after that.
          await run(['evaluate', project, '--run', runId]);
          return;
        }
        if (spoil) await forgetSlots(join(project, 'runs', runId));
      }
      throw new Error('It could not be killed before it was done.');
    }

    /** What a person is told of the run who looks after the kill; null where there is none. @throws where it cannot be read */
    async function stateOf(project: string): Promise<State | null> {
      const { last } = (await run(['runs', project])) as { last: Line };
      const { runs, damaged } = last as unknown as { runs: State[]; damaged: unknown[] };
      if (damaged.length > 0) throw new Error(`A run is damaged: ${JSON.stringify(damaged)}`);
      if (runs.length > 1) throw new Error(`One run was begun, but there are ${runs.length}.`);
      return runs[0] ?? null;
    }
  }
}

/** @param seconds that the whole takes; null for a blow when there is a checkpoint to be spoilt */
function blowAt(uniform: RandomStream, seconds: number | null): Blow {
  if (seconds === null) return { event: 'run.epoch', count: 1, milliseconds: 0 };
  const [kind, when, which] = [uniform(), uniform(), uniform()];
  if (kind < 1 / 2) return { seconds: when * seconds };
  if (kind < 2 / 3) return { event: 'run.started', count: 1, milliseconds: when * 100 };
  return { event: 'run.epoch', count: 1 + Math.floor(which * 3), milliseconds: when * 100 };
}

async function resultOf(project: string): Promise<Result> {
  const opened = await OpenProject.open(project, 'torture');
  try {
    const { bestEpoch, validationAccuracy, testAccuracy, epochs } = opened.runs.get(runId);
    return {
      files: await outcomeOf(join(project, 'runs', runId)),
      run: {
        bestEpoch,
        validationAccuracy,
        testAccuracy,
        epochs: epochs.map((epoch) => ({ ...epoch, seconds: 0, imagesPerSecond: 0 })),
      },
    };
  } finally {
    await opened.close();
  }
}

function compare(expected: Result, received: Result): string[] {
  const keys = Object.keys(expected.run) as (keyof Result['run'])[];
  return [
    ...differencesOf(expected.files, received.files),
    ...keys
      .filter((key) => !isDeepStrictEqual(expected.run[key], received.run[key]))
      .map((key) => `the project's ${key}`),
  ];
}

async function forgetSlots(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^checkpoint-\d+\.safetensors$/.test(name));
  for (const name of names) {
    const path = join(folder, name);
    await writeFile(path, withoutSlots(await readFile(path)));
  }
}
