/**
 * Kills trainings at random times, lets them go on, and compares every byte with a run that was never disturbed. A
 * third of the kills come at any time, the others right after a checkpoint or while the next is being written.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type RandomStream, generator } from '#learning/random-numbers.ts';
import { type Outcome, outcomeOf } from '#learning/training/testing.ts';
import { differencesOf } from './differences.ts';
import { type ScenarioName, scenarioNames } from './scenarios.ts';
import { Trainee, Trainees } from './trainee.ts';
import type { TrainingTask } from './training-process.ts';
import { inTrialFolder, type KillOptions } from './trials.ts';

interface TrainOptions extends KillOptions {
  threads?: number;
  sabotage?: TrainingTask['sabotage'];
}

/** Whether it is killed at a time, or after so many checkpoints and some milliseconds more. */
type Blow = { seconds: number } | { saves: number; milliseconds: number };

export async function tortureTraining(options: TrainOptions) {
  const { trials, seed, command, sabotage, onLine = () => undefined } = options;
  const threads = options.threads ? { ATELIER_THREADS: String(options.threads) } : {};
  const environment = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', ...threads };
  const trainees = new Trainees(() => Trainee.start(command, environment));
  const references = new Map<ScenarioName, { outcome: Outcome; seconds: number }>();
  const result = {
    trials: 0,
    kills: 0,
    /** Trials after which every byte was the same. */
    equal: 0,
    losses: [] as { trial: number; scenario: ScenarioName; differences: string[] }[],
  };

  /** The same, never disturbed, in a process that has not trained before. */
  const referenceOf = async (place: string, scenario: ScenarioName) => {
    const known = references.get(scenario);
    if (known) return known;
    const folder = join(place, `reference-${scenario}`);
    const trainee = await trainees.take();
    const start = performance.now();
    await trainee.run({ scenario, folder, checkpointInterval: 3600 });
    const seconds = (performance.now() - start) / 1000;
    await trainee.end();
    const reference = { outcome: await outcomeOf(folder), seconds };
    references.set(scenario, reference);
    return reference;
  };

  const run = async (place: string) => {
    for (let trial = 1; trial <= trials; trial += 1) {
      const uniform = generator(seed, trial);
      const scenario = scenarioNames[trial % scenarioNames.length]!;
      const reference = await referenceOf(place, scenario);
      const folder = join(place, `trial-${trial}`);
      // At every step, or after so long that an epoch's end comes first.
      const checkpointInterval = sabotage ? 0 : [0, 0.02, 0.1, 3600][Math.floor(uniform() * 4)]!;
      const task = { scenario, folder, checkpointInterval, ...(sabotage ? { sabotage } : {}) };
      let differences: string[];
      try {
        result.kills += await killTimes(1 + Math.floor(uniform() ** 2 * 3), task, reference.seconds, uniform);
        differences = differencesOf(reference.outcome, await outcomeOf(folder));
      } catch (error) {
        differences = [(error as Error).message];
      }
      result.trials = trial;
      if (differences.length === 0) {
        result.equal += 1;
        await rm(folder, { recursive: true });
      } else {
        result.losses.push({ trial, scenario, differences });
        onLine(`trial ${trial} (${scenario}) is not the same: ${differences.join('; ')}`);
      }
      if (trial % 25 === 0) onLine(`${trial} trials, ${result.kills} kills, ${result.equal} byte-equal`);
    }
  };
  const keeps = () => result.losses.length > 0;
  return inTrialFolder('train', result, (place) => run(place).finally(() => trainees.end()), {
    onLine,
    keeps,
  });

  /** Trains to the end, killed up to so many times and at least once on the way. @returns how often */
  async function killTimes(
    wanted: number,
    task: TrainingTask,
    seconds: number,
    uniform: RandomStream,
  ): Promise<number> {
    let kills = 0;
    for (let attempt = 0; ; attempt += 1) {
      const trainee = await trainees.take();
      const blow = kills < wanted ? blowAt(uniform, task.sabotage ? null : seconds) : null;
      const ending = await strike(trainee, task, blow);
      if (ending === 'killed') kills += 1;
      else {
        trainees.giveBack(trainee);
        if (kills > 0) return kills;
        // The blow came too late: once more from the beginning, for it is kills that are counted.
        await rm(task.folder, { recursive: true });
      }
      if (attempt > 100) throw new Error('It could not be killed before it was done.');
    }
  }
}

/** @param seconds that the whole training takes; null for blows after a checkpoint alone, which sabotage is seen by */
function blowAt(uniform: RandomStream, seconds: number | null): Blow {
  const kind = uniform();
  const when = uniform();
  if (seconds !== null && kind < 1 / 3) return { seconds: when * seconds };
  // A save takes some milliseconds, so that many of these come in the middle of one.
  return { saves: 1 + Math.floor(uniform() * 12), milliseconds: when * 12 };
}

async function strike(trainee: Trainee, task: TrainingTask, blow: Blow | null): Promise<'done' | 'killed'> {
  let timer: NodeJS.Timeout | undefined;
  let saves = 0;
  if (blow && 'seconds' in blow) timer = setTimeout(() => trainee.kill(), blow.seconds * 1000);
  try {
    return await trainee.run(task, () => {
      saves += 1;
      if (!blow || !('saves' in blow) || saves !== blow.saves) return;
      timer = setTimeout(() => trainee.kill(), blow.milliseconds);
    });
  } finally {
    clearTimeout(timer);
  }
}
