/**
 * Kills a process that labels, thousands of times, at any moment from its start on. Afterwards all that it acknowledged
 * is there, and of the step that was under way all or nothing.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenProject } from '#engine/project/project.ts';
import { generator } from '#learning/random-numbers.ts';
import { after, labelsIn, makeProject, same, stepOf } from './labels.ts';

export interface LabelTortureOptions {
  trials: number;
  seed: number;
  /** Starts labelling-process.ts. */
  command: readonly string[];
  /** How many projects are labelled side by side. */
  lanes?: number;
  /** Acknowledges before the commit, to show that it is noticed. */
  sabotage?: 'early';
  onLine?: (line: string) => void;
}

export interface LabelTortureResult {
  kills: number;
  /** Kills before the first label was acknowledged, as while the project was being opened. */
  killsBeforeLabel: number;
  acknowledged: number;
  /** Steps that were on the disk but not acknowledged yet. */
  ahead: number;
  losses: string[];
  seconds: number;
}

/** Most milliseconds from the first acknowledged label to the blow. */
const longestLabelling = 40;
/** One in so many is struck at a time from its start instead, at most so many milliseconds after it. */
const earlyOnes = 8;
const longestOpening = 400;

export async function tortureLabels(options: LabelTortureOptions): Promise<LabelTortureResult> {
  const { trials, seed, command, lanes = 2, sabotage, onLine = () => undefined } = options;
  const begun = performance.now();
  const place = await mkdtemp(join(tmpdir(), 'atelier-torture-label-'));
  const result: LabelTortureResult = {
    kills: 0,
    killsBeforeLabel: 0,
    acknowledged: 0,
    ahead: 0,
    losses: [],
    seconds: 0,
  };

  async function lane(number: number): Promise<void> {
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

  try {
    await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  } finally {
    if (sabotage || result.losses.length === 0) await rm(place, { recursive: true, force: true });
    else onLine(`What differs is left in ${place}.`);
  }
  return { ...result, seconds: (performance.now() - begun) / 1000 };
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
  const signal = await new Promise<string | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (_code, how) => resolve(how));
  });
  clearTimeout(timer);
  process.off('exit', strike);
  if (signal !== 'SIGKILL') throw new Error(`The labelling ended by itself (${signal}): ${stderr}`);
  // What follows the last line end was cut by the kill, and so never said.
  return stdout.split('\n').length - 1;
}
