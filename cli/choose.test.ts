/** Which run or study is meant, and what can be done to those that cannot be read; a studio in this process, no engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { StudyPlan } from '#contract/study.ts';
import { openBare } from '#engine/project/database.ts';
import { OpenProject } from '#engine/project/project.ts';
import { presets } from '#recipe/presets.ts';
import { chooseRun, chooseStudy } from './choose.ts';
import { runsCommand } from './commands/runs.ts';
import { studiesCommand } from './commands/studies.ts';
import { readWords } from './command.ts';
import { createOutput } from './output.ts';
import { openProject, withStudio } from './session.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-cli-choose-'));
const path = join(folder, 'p.atelier');
const { recipe } = presets.quick;

/** Runs 1 to 12 and studies 1 to 3, each with a trial: run-1 and study-1 deleted, run-3, run-13 and study-3 damaged. */
beforeAll(async () => {
  process.env['ATELIER_STATE'] = join(folder, 'state.json');
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const project = await OpenProject.create(path, undefined, 'test');
  const classes = [1, 2].map((id) => ({ id, name: String(id) }));
  const names = ['One', 'Two', 'Three', 'Twin', 'Twin', 'run-7 as before', 'Seven'];
  for (let index = 0; index < 12; index++) await project.runs.create(recipe, names[index] ?? '', classes, 1);
  const plan = StudyPlan.parse({ kind: 'cross-validation', folds: 2, seeds: [1] });
  const trial = { number: 1, values: {}, fold: 1, seed: 1, threads: 1, target: null };
  for (const name of ['First', 'Same', 'Same']) {
    const { id: studyId } = await project.studies.create(recipe, plan, () => name);
    await project.runs.create(recipe, '', classes, 1, { studyId, trial });
  }
  await project.runs.delete('run-1');
  await project.studies.delete('study-1');
  await project.close();
  const database = openBare(join(path, 'project.sqlite'));
  database.exec(`UPDATE runs SET recipe = '{' WHERE id IN ('run-3', 'run-14');
    UPDATE studies SET plan = '{}' WHERE id = 'study-3'`);
  database.close();
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

const chosen = (kind: 'run' | 'study', given: string) =>
  withStudio(async ({ client }) => {
    await openProject(client, path);
    return (await (kind === 'run' ? chooseRun : chooseStudy)(client, given)).id;
  });

describe('a run or study is meant', () => {
  it.each([
    ['run', 'run-2', 'run-2'],
    ['run', 'Two', 'run-2'],
    ['run', 'run-15', 'run-15'],
    ['study', 'study-2', 'study-2'],
  ] as const)('%s by its id or its name: %s', async (kind, given, id) => {
    expect(await chosen(kind, given)).toBe(id);
  });

  it.each([
    ['run', 'run-1', /^Expected the whole id or the name of a run, received "run-1"\. There are: run-12 \(/],
    ['run', 'Tw', /received "Tw"/],
    ['run', 'run-', /received "run-"/],
    [
      'study',
      'study-1',
      /^Expected the whole id or the name of a study, .* There are: study-2 \(Same, failed\)\.$/,
    ],
    ['study', 'study', /received "study"/],
  ] as const)('never by the beginning of one: %s %s', async (kind, given, message) => {
    await expect(chosen(kind, given)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(message) as string,
      details: { [kind]: given },
    });
  });

  it('never by a name that two have', async () => {
    await expect(chosen('run', 'Twin')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'Expected one run, but 2 runs are called "Twin". Name it by its id: run-5, run-4.',
    });
  });
});

describe('what cannot be read', () => {
  const atelier = async (command: typeof runsCommand, ...args: string[]) => {
    const lines: string[] = [];
    const output = createOutput(args.includes('--json'), { write: (text: string) => lines.push(text) });
    const { words, values } = readWords(command, args);
    await command.run({ words, values, output, signal: { onInterrupt: () => () => undefined } });
    return lines.join('');
  };

  it.each([
    [runsCommand, 'run-3', ['run-3'], 'run.deleted', { run: 'run-3' }],
    [studiesCommand, 'study-3', ['study-3'], 'study.deleted', { study: 'study-3' }],
  ] as const)(
    'is listed by $name with the others, and is deleted by its id',
    async (command, id, ids, event, of) => {
      const text = await atelier(command, path);
      expect(text).toMatch(new RegExp(`^${id}  Expected a .* that can be read, .*delete the `, 'm'));
      const listed = JSON.parse(await atelier(command, path, '--json')) as { damaged: { id: string }[] };
      expect(listed.damaged.map((found) => found.id)).toEqual(ids);
      await expect(atelier(command, path, 'rename', id, 'New')).rejects.toMatchObject({
        code: 'PROJECT_DAMAGED',
      });
      expect(JSON.parse(await atelier(command, path, 'delete', id, '--json'))).toEqual({
        event,
        ...of,
        name: null,
      });
      expect(JSON.parse(await atelier(command, path, '--json'))).toMatchObject({ damaged: [] });
      await expect(atelier(command, path, 'delete', id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    },
  );

  it('is told of by its study too', async () => {
    const shown = JSON.parse(await atelier(studiesCommand, path, 'show', 'study-2', '--json')) as {
      damaged: { id: string }[];
    };
    expect(shown.damaged.map(({ id }) => id)).toEqual(['run-14']);
    expect(await atelier(runsCommand, path, 'delete', 'run-14')).toContain(
      'Deleted run-14, which could not be read.',
    );
  });
});
