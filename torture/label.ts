/**
 * Kills a process that labels, thousands of times, at any moment from its start on. Afterwards all that it acknowledged
 * is there, and of the step that was under way all or nothing.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { join } from 'node:path';
import { OpenProject } from '#engine/project/project.ts';
import { generator } from '#learning/random-numbers.ts';
import { after, labelsIn, makeProject, same, stepOf } from './labels.ts';
import { inTrialFolder, type KillOptions } from './trials.ts';

interface LabelOptions extends KillOptions {
  /** How many projects are labelled side by side. */
  lanes?: number;
  /** Acknowledges before the commit, to show that it is noticed. */
  sabotage?: 'early';
}

/** Most milliseconds from the first acknowledged label to the blow. */
const longestLabelling = 40;
/** One in so many is struck at a time from its start instead, at most so many milliseconds after it. */
const earlyOnes = 8;
const longestOpening = 400;

export async function tortureLabels(options: LabelOptions) {
  const { trials, seed, command, lanes = 2, sabotage, onLine = () => undefined } = options;
  const result = {
    kills: 0,
    /** Kills before the first label was acknowledged, as while the project was being opened. */
    killsBeforeLabel: 0,
    acknowledged: 0,
    /** Steps that were on the disk but not acknowledged yet. */
    ahead: 0,
    losses: [] as string[],
  };
  const keeps = () => !sabotage && result.losses.length > 0;
  return inTrialFolder(
    'label',
    result,
    async (place) => {
      await Promise.all(Array.from({ length: lanes }, (_, number) => lane(place, number)));
    },
    { onLine, keeps },
  );

  async function lane(place: string, number: number): Promise<void> {
    const project = join(place, `lane-${number}.atelier`);
    await makeProject(project);
    let expected = labelsIn(project);
    for (let trial = number; trial < trials; trial += lanes) {
      const stepSeed = seed * 1_000_000 + trial;
      const acknowledged = await labelUntilKilled(
        [...command, project, String(stepSeed), ...(sabotage ? [sabotage] : [])],
        generator(seed, trial),
      );
      result.kills += 1;
      result.acknowledged += acknowledged;
      if (acknowledged === 0) result.killsBeforeLabel += 1;
      for (let turn = 0; turn < acknowledged; turn++) expected = after(expected, stepOf(stepSeed, turn));
      // As a person would find it: opened by the program itself, which takes in what the log holds.
      await (await OpenProject.open(project, 'torture')).close();
      const found = labelsIn(project);
      const underWay = after(expected, stepOf(stepSeed, acknowledged));
      if (same(found, underWay) && !same(found, expected)) {
        result.ahead += 1;
      } else if (!same(found, expected)) {
        const wrong = found.classIds.filter(
          (classId, itemId) => classId !== expected.classIds[itemId],
        ).length;
        result.losses.push(
          `trial ${trial}: of ${acknowledged} acknowledged labels, ${wrong} images are otherwise, and ${expected.changes - found.changes} changes are missing`,
        );
        onLine(result.losses.at(-1)!);
      }
      expected = found;
      if (result.kills % 500 === 0)
        onLine(`${result.kills} kills, ${result.acknowledged} acknowledged, ${result.losses.length} lost`);
    }
  }
}

/** @returns how many steps it had acknowledged when it was killed. @throws Error where it ended by itself */
async function labelUntilKilled(
  [program, ...args]: readonly string[],
  uniform: () => number,
): Promise<number> {
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const strike = () => void child.kill('SIGKILL');
  const late = uniform() * longestLabelling;
  let timer =
    uniform() < 1 / earlyOnes
      ? setTimeout(strike, uniform() * longestOpening)
      : (undefined as NodeJS.Timeout | undefined);
  const early = timer !== undefined;
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => {
    stdout += text.toString();
    if (!early) timer ??= setTimeout(strike, late);
  });
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  process.once('exit', strike);
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  process.off('exit', strike);
  if (signal !== 'SIGKILL') throw new Error(`The labelling ended by itself (${signal}): ${stderr}`);
  // What follows the last line end was cut by the kill, and so never said.
  return stdout.split('\n').length - 1;
}
