import { describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import { FirstModel } from './first-model.svelte.ts';
import * as notices from '../../state/notices.ts';
import type { Studio } from '../../state/studio.svelte.ts';

const counts = { total: 4, train: 4, validation: 0, test: 0 };
const classes = ['a', 'b'].map((name, id) => ({ id, name, counts }));

function setUp({
  runs = [] as unknown[],
  labelled = true,
  kept = null as string | null,
  unlabelled = 0,
  fault = null as unknown,
} = {}) {
  const started: unknown[] = [];
  const client = {
    recipes: {
      presets: () => Promise.resolve({ presets: [{ preset: 'auto', recipe: { name: 'Auto' } }] }),
    },
    embeddings: { start: () => Promise.resolve(started.push('embeddings')) },
    runs: {
      start: (asked: unknown) =>
        fault ? Promise.reject(fault as Error) : Promise.resolve(started.push(asked)),
    },
  };
  const studio = {
    project: { id: 'p', classes: labelled ? classes : [], counts: { unlabelled } },
    call: (use: (given: typeof client) => unknown) => Promise.resolve(use(client)),
    attempt: (use: (given: typeof client) => unknown) => Promise.resolve(use(client)),
  } as unknown as Studio;
  const store = new Map(kept === null ? [] : [['atelier.first-model', kept]]);
  const first = new FirstModel(
    { studio, runs: { list: runs } as never, navigation: { go: vi.fn() } },
    { getItem: (key) => store.get(key) ?? null, setItem: (key, value) => void store.set(key, value) },
  );
  const end = async (id: string, state: string) => {
    first.receive({ event: 'job.changed', job: { id, state } } as unknown as StudioEvent);
    await new Promise((wake) => setTimeout(wake, 0));
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
    expect(started).toEqual([{ recipe: { name: 'Auto' }, name: 'First model' }]);
  });

  it.each([
    ['it was turned off', { kept: 'off' }, 'finished'],
    ['there is a run already', { runs: [{}] }, 'finished'],
    ['nothing is labelled', { labelled: false }, 'finished'],
    ['the import failed', {}, 'failed'],
    ['the import was cancelled', {}, 'cancelled'],
  ])('does not train where %s', async (_title, given, state) => {
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
