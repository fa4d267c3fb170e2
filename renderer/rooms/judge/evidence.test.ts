/** Evidence is computed once where somebody looks, and what is shown is of the evaluation that is there. */
import { describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Evidence } from '#contract/evidence.ts';
import type { Job } from '#contract/job.ts';
import { EvidenceStore } from './evidence.svelte.ts';

const of = { runId: 'run-1', split: 'test', evaluatedAt: 'monday' } as const;

function setUp(readOnly = false) {
  let stored: Evidence | null = null;
  const broken: { fault: AtelierError | null } = { fault: null };
  const started: string[] = [];
  const evaluations = {
    evidence: () => (broken.fault ? Promise.reject(broken.fault) : Promise.resolve(stored)),
    startEvidence: ({ split }: { split: string }) => {
      started.push(split);
      return Promise.resolve({} as Job);
    },
  };
  const client = { evaluations } as never;
  const store = new EvidenceStore({
    working: [],
    project: { readOnly: readOnly ? {} : null },
    call: (ask: (client: never) => Promise<unknown>) => ask(client),
    attempt: (ask: (client: never) => Promise<unknown>) => ask(client),
  } as never);
  return {
    store,
    started,
    broken,
    keep: (evidence: Partial<Evidence>) => (stored = { ...of, ...evidence } as Evidence),
  };
}

describe('evidence', () => {
  it('is computed once where it was never', async () => {
    const { store, started, keep } = setUp();
    expect(store.get(of)).toBeUndefined();
    await store.want(of);
    await store.want(of);
    expect([store.get(of), started]).toEqual([null, ['test']]);
    keep({ draws: 7 });
    store.receive({ event: 'evidence.finished', runId: 'run-1', split: 'test' });
    await expect.poll(() => store.get(of)?.draws).toBe(7);
    expect(store.get({ ...of, evaluatedAt: 'tuesday' })).toBeUndefined();
  });

  it('that cannot be read says so until it is read again', async () => {
    const { store, started, keep, broken } = setUp();
    keep({ draws: 7 });
    broken.fault = new AtelierError('PROJECT_DAMAGED', 'It is cut short.');
    await store.want(of);
    expect([store.get(of), store.fault(of)?.code, started]).toEqual([undefined, 'PROJECT_DAMAGED', []]);
    broken.fault = null;
    await store.lookAgain(of);
    expect([store.get(of)?.draws, store.fault(of), started]).toEqual([7, undefined, []]);
  });

  it('that is there is not computed again, and in a project to look at nothing is', async () => {
    const kept = setUp();
    kept.keep({});
    await kept.store.want(of);
    const looking = setUp(true);
    await looking.store.want(of);
    expect([kept.started, looking.started, looking.store.get(of)]).toEqual([[], [], null]);
  });
});
