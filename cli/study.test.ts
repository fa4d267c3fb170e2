/** Studies on the command line, in this process: what is refused, and a small one of each kind on the real engine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Recipe } from '#recipe/recipe.ts';
import type { Study } from '#contract/study.ts';
import { tinyRecipe } from '#contract/testing.ts';
import { OpenProject } from '#engine/project/project.ts';
import { buildWorker, fillWithFashion } from '#engine/testing.ts';
import { type Command, readWords, type Values } from './command.ts';
import { crossValidateCommand } from './commands/cross-validate.ts';
import { learningCurveCommand } from './commands/learning-curve.ts';
import { findLearningRateCommand } from './commands/probe.ts';
import { searchCommand } from './commands/search.ts';
import { studiesCommand } from './commands/studies.ts';
import { summaryCommand } from './commands/summary.ts';
import { createOutput } from './output.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-cli-study-'));
const project = join(folder, 'p.atelier');
const recipe = join(folder, 'recipe.json');
const write = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const space = write('space.json', '[{"kind":"integer","path":"training.epochs","low":1,"high":2}]');

interface Line {
  event: string;
  [field: string]: unknown;
}

/** Runs a command as the program would. @param interruptAt the event at which Ctrl-C is pressed */
async function atelier(command: Command, args: string[], interruptAt?: string) {
  const json = args.includes('--json');
  const lines: string[] = [];
  let notes = '';
  let interrupt = () => {};
  const take = (text: string) => {
    lines.push(...text.split('\n').slice(0, -1));
    if (interruptAt !== undefined && text.includes(`"${interruptAt}"`)) interrupt();
  };
  const output = createOutput(json, { write: take }, { write: (text) => (notes += text) });
  const { words, values } = readWords(command, args);
  const signal = {
    onInterrupt(handler: (signal: 'SIGINT') => unknown) {
      interrupt = () => void handler('SIGINT');
      return () => undefined;
    },
  };
  let error: unknown = null;
  try {
    await command.run({ words, values, output, signal });
  } catch (thrown) {
    error = thrown;
  }
  return { lines, notes, error, events: json ? lines.map((line) => JSON.parse(line) as Line) : [] };
}

beforeAll(async () => {
  process.env['ATELIER_STATE'] = join(folder, 'state.json');
  await buildWorker();
  const made = await OpenProject.create(project, undefined, 'test');
  await fillWithFashion(made.path);
  await made.close();
  writeFileSync(
    recipe,
    JSON.stringify(
      tinyRecipe({
        model: { layers: [{ kind: 'max-pool', size: 4 }, { kind: 'flatten' }] },
        training: { batchSize: 64, epochs: 1 },
      }),
    ),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

describe('wrong use', () => {
  const refused: [Command, Values, RegExp][] = [
    [crossValidateCommand, { folds: '1' }, /from 2 to 20 for --folds/],
    [crossValidateCommand, { seeds: '1;2' }, /--seeds, such as 1,2,3/],
    [crossValidateCommand, { 'group-by': 'prefix:' }, /--group-by near-duplicates, folder, prefix:TEXT/],
    [crossValidateCommand, { 'group-by': 'csv:table.csv' }, /csv:FILE:COLUMN/],
    [crossValidateCommand, { 'group-by': 'pattern:a(' }, /regular expression/],
    [crossValidateCommand, { 'group-by': 'folder', 'random-folds': true }, /without --group-by/],
    [crossValidateCommand, { resume: 'study-1', folds: '3' }, /--resume STUDY alone.*--folds/],
    [learningCurveCommand, { shares: '10,20,30' }, /--shares, such as 12\.5,25,50,75,100/],
    [learningCurveCommand, { shares: '20,10,50,100' }, /four to twelve growing numbers/],
    [learningCurveCommand, { seeds: 'one' }, /--seeds, such as 1,2,3/],
    [searchCommand, {}, /--space FILE/],
    [searchCommand, { space: join(folder, 'none.json') }, /can be read for --space/],
    [searchCommand, { space: write('text.json', 'x') }, /is no JSON/],
    [searchCommand, { space: write('wrong.json', '[{"kind":"number"}]') }, /no search space\. 0\.path/],
    [searchCommand, { space: write('good.json', '[]') }, /no search space/],
    [searchCommand, { space, halving: '3' }, /--halving R:E/],
    [searchCommand, { space, halving: '1:1' }, /--halving R:E/],
    [searchCommand, { space, sampler: 'best' }, /tpe\|random\|grid/],
    [searchCommand, { space, trials: '0' }, /--trials/],
  ];
  it.each(refused)('$name %j is refused with a hint', async (command, values, hint) => {
    const output = createOutput(true, { write: () => undefined });
    const run = async () =>
      command.run({ words: ['P'], values, output, signal: { onInterrupt: () => () => undefined } });
    await expect(run()).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringMatching(hint) as string,
    });
  });
});

/** What is said before a search begins; this one does not, since its recipe is nowhere. */
async function notesOfSearch(): Promise<string> {
  const { notes, error } = await atelier(searchCommand, [
    ...[project, '--recipe', 'run-99', '--space', space],
  ]);
  expect(error).toMatchObject({ code: 'NOT_FOUND' });
  return notes;
}

describe('a study', () => {
  it('on the validation part says that nobody has looked for look-alikes', async () => {
    expect(await notesOfSearch()).toMatch(
      /^Note: Nobody has looked for look-alikes between the parts yet.*\nLook with: atelier split PROJECT --check\./,
    );
  });

  it('cross-validates, stops at Ctrl-C, and goes on', async () => {
    const args = [project, '--recipe', recipe, '--folds', '2', '--json'];
    const stopped = await atelier(crossValidateCommand, args, 'study.trial');
    expect(stopped.error).toMatchObject({
      code: 'CANCELLED',
      message: expect.stringMatching(/atelier cross-validate .*p\.atelier --resume study-1$/) as string,
    });
    expect((await atelier(searchCommand, [project, '--resume', 'study-1'])).error).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('atelier cross-validate PROJECT --resume study-1') as string,
    });
    const { lines, error } = await atelier(crossValidateCommand, [project, '--resume', 'study-1']);
    expect(error).toBeNull();
    expect(lines[0]).toBe('Study study-1 (Tiny: cross-validation 1): 2 trials.');
    expect(
      lines.some((line) => /^trial 2 +[\d.]+ % {2}finished, 1 epoch {2}fold 2, seed 1$/.test(line)),
    ).toBe(true);
    expect(lines[lines.length - 1]).toMatch(
      /^Validation accuracy {2}\d+\.\d\d % {2}\(95 % interval \d+\.\d\d % to \d+\.\d\d %\)$/,
    );
  });

  it('on the validation part says how many of its images look like training images, once it is known', async () => {
    // The cross-validation has looked.
    const notes = await notesOfSearch();
    expect(notes).toMatch(/^Note: \d+ of 400 images of the validation part look like training images/);
    expect(notes).not.toContain('Nobody has looked');
  });

  it('searches, and tells each trial and the result as events', async () => {
    const { events, error } = await atelier(searchCommand, [
      ...[project, '--recipe', recipe, '--space', space, '--json'],
      ...['--trials', '3', '--sampler', 'grid', '--set', 'training.batchSize=128'],
    ]);
    expect(error).toBeNull();
    expect(events[0]).toMatchObject({ event: 'study.started', study: 'study-2', trialsInAll: 2 });
    const trials = events.filter(({ event }) => event === 'study.trial');
    expect(trials.map(({ number, state }) => [number, state])).toEqual([
      [1, 'finished'],
      [2, 'finished'],
    ]);
    const last = events[events.length - 1]!;
    expect(last).toMatchObject({ event: 'study.finished', study: 'study-2', importance: null });
    expect((last.best as { score: number }).score).toBe(
      Math.max(...trials.map(({ score }) => score as number)),
    );
  });
});

describe('a recipe of the project', () => {
  const recipeOf = async (...args: string[]) => {
    const { events, error } = await atelier(summaryCommand, [project, ...args, '--json']);
    expect(error).toBeNull();
    return (events[0] as unknown as { recipe: Recipe }).recipe;
  };

  it('is that of a run, a trial, or the best trial of a search, with what --set changes', async () => {
    const shown = await atelier(studiesCommand, [project, 'show', 'study-2', '--json']);
    const { trials, bestTrial } = (shown.events[0] as unknown as { study: Study }).study;
    const best = trials.find(({ number }) => number === bestTrial)!;
    const taken = await recipeOf('--recipe', 'study-2');
    expect(taken.training).toMatchObject({ batchSize: 128, epochs: best.values['training.epochs'] });
    expect(await recipeOf('--recipe', best.runId)).toEqual(taken);
    const [other] = trials.filter(({ number }) => number !== bestTrial);
    expect((await recipeOf('--recipe', other!.runId)).training.epochs).toBe(other!.values['training.epochs']);
    const changed = await recipeOf('--recipe', 'study-2', '--set', 'training.batchSize=32');
    expect(changed).toEqual({ ...taken, training: { ...taken.training, batchSize: 32 } });
  });

  it('is that which a cross-validation judges', async () => {
    expect((await recipeOf('--recipe', 'study-1')).name).toBe('Tiny');
  });

  it('is refused where there is none, or no project to have it', async () => {
    expect((await atelier(summaryCommand, [project, '--recipe', 'run-99'])).error).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await atelier(summaryCommand, ['--classes', '10', '--recipe', 'run-1'])).error).toMatchObject({
      code: 'USAGE',
      message: 'Expected a PROJECT with --recipe run-1, which names a recipe of one.',
    });
  });
});

describe('the studies of a project', () => {
  it('are listed, shown, renamed and deleted', async () => {
    const listed = await atelier(studiesCommand, [project, '--json']);
    const studies = listed.events[0]!.studies as { id: string; trials: number; finished: number }[];
    expect(studies.map(({ id, trials, finished }) => [id, trials, finished]).sort()).toEqual([
      ['study-1', 2, 2],
      ['study-2', 2, 2],
    ]);
    const shown = await atelier(studiesCommand, [project, 'show', 'study-2']);
    expect(shown.lines[0]).toMatch(/^study-2 .*: search, finished$/);
    expect(shown.lines.some((line) => /^Best +trial \d \(/.test(line))).toBe(true);
    expect((await atelier(studiesCommand, [project, 'rename', 'study-2', 'Epochs'])).error).toBeNull();
    expect((await atelier(studiesCommand, [project, 'delete', 'Epochs'])).error).toBeNull();
    const rest = await atelier(studiesCommand, [project]);
    expect(rest.lines.map((line) => line.split(' ')[0])).toEqual(['study', 'study-1']);
    expect((await atelier(studiesCommand, [project, 'delete', 'Epochs'])).error).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('a try that is stopped', () => {
  it('says that nothing was changed', async () => {
    const { error } = await atelier(
      findLearningRateCommand,
      [project, '--recipe', recipe, '--json'],
      'probe.progress',
    );
    expect(error).toMatchObject({
      code: 'CANCELLED',
      message: expect.stringContaining('Nothing was changed') as string,
    });
  });
});
