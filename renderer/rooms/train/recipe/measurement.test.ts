import { describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import { recipeOf, settled, TestStudio } from '../../../state/testing.ts';
import { Measurement } from './measurement.svelte.ts';

const job = (state: Job['state'], error: Job['error'] = null): Job => ({
  id: 'one',
  kind: 'find-learning-rate',
  title: 'Learning rate',
  state,
  runId: null,
  studyId: null,
  progress: { done: 0, total: null, unit: 'steps', secondsLeft: null },
  error,
});
const recipe = recipeOf('Quick', { epochs: 3, batchSize: 64 });
const kind = 'find-learning-rate';
const apart = ['name', 'training.epochs'];

function view(options: { jobs?: Job[]; refuse?: AtelierError } = {}) {
  const cancelled: string[] = [];
  const studio = new TestStudio({ jobs: { cancel: async ({ jobId }) => (cancelled.push(jobId), {}) } });
  studio.jobs = options.jobs ?? [];
  const answers: Record<string, AtelierError> = {};
  const measurement = new Measurement<{ of: string }>(studio, {
    kind,
    apart,
    start: async () => {
      if (options.refuse) throw options.refuse;
      return job('queued');
    },
    read: async (_client, id) => {
      if (answers[id]) throw answers[id];
      return { of: id, recipe, origin: null };
    },
  });
  return { measurement, cancelled, studio, answers };
}
/** Starts that are answered by hand. */
function slow() {
  const starts: ((job: Job) => void)[] = [];
  const faults: ((error: Error) => void)[] = [];
  const measurement = new Measurement<{ of: string }>(new TestStudio(), {
    kind,
    apart,
    start: () =>
      new Promise<Job>((resolve, reject) => {
        starts.push(resolve);
        faults.push(reject);
      }),
    read: (_client, id) => Promise.resolve({ of: id, recipe, origin: null }),
  });
  return { measurement, starts, faults };
}

describe('a measurement', () => {
  it('follows its job and reads what it found', async () => {
    const { measurement } = view();
    await measurement.start(recipe, null);
    expect(measurement.job?.state).toBe('queued');
    measurement.receive({ event: 'job.changed', job: { ...job('finished'), id: 'another' } });
    measurement.receive({ event: 'job.changed', job: job('running') });
    expect(measurement.job?.state).toBe('running');
    measurement.receive({ event: 'job.changed', job: job('finished') });
    await settled();
    expect(measurement.job).toBeNull();
    expect(measurement.result).toEqual({ of: 'one', recipe, origin: null });
  });

  it('sees an end that was told before the job’s name', async () => {
    const { measurement } = view({ jobs: [job('finished')] });
    await measurement.start(recipe, null);
    expect(measurement.result).toEqual({ of: 'one', recipe, origin: null });
  });

  it('tells why there is no result', async () => {
    const failed = view();
    await failed.measurement.start(recipe, null);
    const error = { code: 'OUT_OF_MEMORY' as const, message: 'Too large.', details: {} };
    failed.measurement.receive({ event: 'job.changed', job: job('failed', error) });
    expect(failed.measurement.fault?.code).toBe('OUT_OF_MEMORY');

    const refused = view({ refuse: new AtelierError('RECIPE_INVALID', 'No.') });
    await refused.measurement.start(recipe, null);
    expect(refused.measurement.fault?.code).toBe('RECIPE_INVALID');
    expect(refused.measurement.job).toBeNull();
  });

  it('can be cancelled, and is over after a lost connection when its job is', async () => {
    const { measurement, cancelled, studio } = view();
    await measurement.start(recipe, null);
    await measurement.cancel();
    expect(cancelled).toEqual(['one']);
    studio.jobs = [job('finished')];
    await measurement.read();
    expect(measurement.result).toEqual({ of: 'one', recipe, origin: null });
    measurement.reset();
    expect(measurement.result).toBeNull();
  });

  it('starts once, however often it is asked to', async () => {
    const { measurement, starts } = slow();
    void measurement.start(recipe, null);
    void measurement.start(recipe, null);
    expect([starts.length, measurement.starting]).toEqual([1, true]);
    starts[0]!(job('queued'));
    await settled();
    expect([measurement.job?.id, measurement.starting]).toEqual(['one', false]);
  });

  it('takes no job, and no fault, of the project before', async () => {
    const { measurement, starts, faults } = slow();
    void measurement.start(recipe, null);
    measurement.reset();
    void measurement.start(recipe, null);
    expect(starts).toHaveLength(2);
    starts[0]!(job('queued'));
    await settled();
    expect([measurement.job, measurement.starting]).toEqual([null, true]);
    measurement.reset();
    faults[1]!(new AtelierError('CANCELLED', 'Cancelled.'));
    await settled();
    expect([measurement.fault, measurement.starting]).toEqual([null, false]);
  });

  it('is over where the studio does not know its job any more', async () => {
    const { measurement } = view();
    await measurement.start(recipe, null);
    await measurement.read();
    expect([measurement.job, measurement.fault?.code]).toEqual([null, 'NOT_FOUND']);
  });

  it('of an earlier window goes on, or is read once it is over', async () => {
    const under = view({ jobs: [{ ...job('finished'), id: 'zero' }, job('running')] });
    await under.measurement.read();
    expect([under.measurement.job?.id, under.measurement.result]).toEqual(['one', null]);
    under.measurement.receive({ event: 'job.changed', job: job('finished') });
    await settled();
    expect(under.measurement.result).toEqual({ of: 'one', recipe, origin: null });

    const over = view({ jobs: [job('finished'), { ...job('cancelled'), id: 'two' }] });
    await over.measurement.read();
    expect(over.measurement.result).toEqual({ of: 'one', recipe, origin: null });

    const other = view({ jobs: [{ ...job('finished'), kind: 'compare-precision' }] });
    await other.measurement.read();
    expect(other.measurement.result).toBeNull();
  });

  it('of a project before this one is none', async () => {
    const { measurement, answers } = view({ jobs: [job('finished')] });
    answers['one'] = new AtelierError('NOT_FOUND', 'Long ago.');
    await measurement.read();
    expect([measurement.result, measurement.fault, measurement.job]).toEqual([null, null, null]);
  });

  it('is read again where the connection was lost on the way', async () => {
    const { measurement, studio, answers } = view();
    await measurement.start(recipe, null);
    answers['one'] = new AtelierError('CONNECTION_LOST', 'Lost.');
    measurement.receive({ event: 'job.changed', job: job('finished') });
    await settled();
    expect([measurement.result, measurement.fault?.code]).toEqual([null, 'CONNECTION_LOST']);
    delete answers['one'];
    studio.jobs = [job('finished')];
    await measurement.read();
    expect([measurement.result, measurement.fault]).toEqual([{ of: 'one', recipe, origin: null }, null]);
  });

  it('is stale once something that matters to it was changed', async () => {
    const { measurement } = view({ jobs: [job('finished')] });
    const changed = (training: object) => ({ ...recipe, training: { ...recipe.training, ...training } });
    expect(measurement.isStale(changed({ batchSize: 32 }), null)).toBe(false);
    await measurement.start(recipe, null);
    expect(measurement.isStale({ ...changed({ epochs: 9 }), name: 'Other' }, null)).toBe(false);
    expect(measurement.isStale(changed({ batchSize: 32 }), null)).toBe(true);
    expect(measurement.isStale(recipe, { runId: 'run-1', how: 'fine-tune' })).toBe(true);
  });
});
