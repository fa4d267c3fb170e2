/** Evidence is computed once where somebody looks, and what is shown is of the evaluation that is there. */
import { describe, expect, it } from 'vitest';
import type { Evidence } from '#contract/evidence.ts';
import type { Job } from '#contract/job.ts';
import { EvidenceStore } from './evidence.svelte.ts';

const of = { runId: 'run-1', split: 'test', evaluatedAt: 'monday' } as const;

function setUp(readOnly = false) {
  let stored: Evidence | null = null;
  const started: string[] = [];
  const evaluations = {
    evidence: () => Promise.resolve(stored),
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

  it('that is there is not computed again, and in a project to look at nothing is', async () => {
    const kept = setUp();
    kept.keep({});
    await kept.store.want(of);
    const looking = setUp(true);
    await looking.store.want(of);
    expect([kept.started, looking.started, looking.store.get(of)]).toEqual([[], [], null]);
  });
});
