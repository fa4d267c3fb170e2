import { describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import type { Run } from '#contract/run.ts';
import { FirstModel } from './first-model.svelte.ts';
import * as notices from '../../state/notices.ts';
import {
  type Answers,
  classOf,
  jobOf,
  projectOf,
  recipeOf,
  runOf,
  settled,
  TestStudio,
} from '../../state/testing.ts';

const classes = [classOf(1), classOf(2)];
const auto = recipeOf('Auto');

function setUp({
  runs = [] as readonly Run[],
  labelled = true,
  kept = null as string | null,
  unlabelled = 0,
  fault = null as unknown,
} = {}) {
  const started: unknown[] = [];
  const answers: Answers = {
    recipes: { presets: async () => ({ presets: [{ preset: 'auto', about: '', recipe: auto }] }) },
    embeddings: { start: async () => (started.push('embeddings'), jobOf('job-9', { kind: 'embed' })) },
    runs: {
      start: (asked) => (fault ? Promise.reject(fault) : (started.push(asked), Promise.resolve(runOf('r1')))),
    },
  };
  const studio = new TestStudio(
    answers,
    projectOf({ classes: labelled ? classes : [], counts: { unlabelled } }),
  );
  const store = new Map(kept === null ? [] : [['atelier.first-model', kept]]);
  const first = new FirstModel(
    { studio, runs: { list: [...runs] }, navigation: { go: vi.fn() } },
    { getItem: (key) => store.get(key) ?? null, setItem: (key, value) => void store.set(key, value) },
  );
  const end = async (id: string, state: Job['state']) => {
    first.receive({ event: 'job.changed', job: jobOf(id, { state }) });
    await settled();
  };
  return { first, started, store, end };
}

describe('the first model', () => {
  it('trains once, by the recipe made for the project, when the import has ended', async () => {
    const { first, started, end } = setUp();
    first.after('job-1');
    await end('job-1', 'running');
    await end('job-2', 'finished');
    expect(started).toEqual([]);
    await end('job-1', 'finished');
    await end('job-1', 'finished');
    expect(started).toEqual([{ recipe: auto, name: 'First model' }]);
  });

  it.each([
    ['it was turned off', { kept: 'off' }, 'finished'],
    ['there is a run already', { runs: [runOf('r1')] }, 'finished'],
    ['nothing is labelled', { labelled: false }, 'finished'],
    ['the import failed', {}, 'failed'],
    ['the import was cancelled', {}, 'cancelled'],
  ] as const)('does not train where %s', async (_title, given, state) => {
    const { first, started, end } = setUp(given);
    first.after('job-1');
    await end('job-1', state);
    expect(started).toEqual([]);
  });

  it.each([
    [600, ['embeddings']],
    [70_000, []],
  ])('of %d images without labels computes the embeddings: %j', async (unlabelled, expected) => {
    const { first, started, end } = setUp({ labelled: false, unlabelled });
    first.after('job-1');
    await end('job-1', 'finished');
    expect(started).toEqual(expected);
  });

  it('keeps the choice, and says where there is too little to train on', async () => {
    const said = vi.spyOn(notices, 'say').mockImplementation(() => {});
    const { first, store, end } = setUp({ fault: new AtelierError('NOT_ENOUGH_DATA', 'Add images.') });
    first.want(true);
    expect([...store]).toEqual([['atelier.first-model', 'on']]);
    first.after('job-1');
    await end('job-1', 'finished');
    expect(said).toHaveBeenCalledWith('No first model yet. Add images.');
    first.want(false);
    expect([...store]).toEqual([['atelier.first-model', 'off']]);
  });
});
