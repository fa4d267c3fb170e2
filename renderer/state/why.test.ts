/** Why is asked once for an image, a method and a class, one question at a time, and is forgotten when the run goes on. */
import { describe, expect, it } from 'vitest';
import type { Explanation, NearestTraining } from '#contract/explanation.ts';
import type { Job } from '#contract/job.ts';
import { byHand, settled, TestStudio } from './testing.ts';
import { Why } from './why.svelte.ts';

interface Asked {
  method: string;
  target?: number;
}
const answer = (method: string) => ({ method, heat: null }) as unknown as Explanation;
const of = { runId: 'run-1', itemId: 7 };

function setUp() {
  const explain = byHand<[Asked, { signal: AbortSignal }], Explanation>();
  const nearest = byHand<[unknown], NearestTraining>();
  const started: string[] = [];
  const studio = new TestStudio({
    explanations: {
      explain: explain.ask as never,
      nearest: nearest.ask as never,
      startNearest: ({ runId }) => {
        started.push(runId);
        return Promise.resolve({ id: 'job-1' } as Job);
      },
    },
  });
  const why = new Why(studio);
  return { why, explain: explain.answers, nearest: nearest.answers, started };
}

describe('an explanation', () => {
  it('is asked for once by image, method and class', async () => {
    const { why, explain } = setUp();
    void why.want(of);
    void why.want(of);
    expect(explain).toHaveLength(1);
    explain[0]!.give(answer('grad-cam'));
    await settled();
    expect(why.explanation(of)).toMatchObject({ method: 'grad-cam' });
    await why.want(of);
    expect(explain).toHaveLength(1);
    why.choose('run-1', 3);
    expect(why.explanation(of)).toBeUndefined();
    void why.want(of);
    expect(explain[1]!.asked[0]).toMatchObject({ method: 'grad-cam', target: 3 });
    why.heat = 'none';
    expect(why.explanation(of)).toBeUndefined();
  });

  it('lets go of the question before, whose answer counts no more', async () => {
    const { why, explain } = setUp();
    void why.want(of);
    void why.want({ ...of, itemId: 8 });
    expect(explain[0]!.asked[1].signal.aborted).toBe(true);
    explain[0]!.give(answer('late'));
    await settled();
    expect(why.explanation(of)).toBeUndefined();
    expect(why.busy).toBe(true);
    explain[1]!.fail(new Error('gone'));
    await settled();
    expect(why.explanation({ ...of, itemId: 8 })).toBeInstanceOf(Error);
    expect(why.busy).toBe(false);
  });

  it('is forgotten when the run goes on, and with the project', async () => {
    const { why, explain } = setUp();
    void why.want(of);
    explain[0]!.give(answer('grad-cam'));
    await settled();
    why.receive({ event: 'run.changed', run: { id: 'run-2', state: 'running' } as never });
    expect(why.explanation(of)).toBeDefined();
    why.receive({ event: 'run.changed', run: { id: 'run-1', state: 'running' } as never });
    expect(why.explanation(of)).toBeUndefined();
  });
});

describe('nearest training images', () => {
  it('have the training images looked at once where they were not', async () => {
    const { why, nearest, started } = setUp();
    void why.wantNearest(of);
    nearest[0]!.give({ missing: 5, images: 5, nearest: [] });
    await settled();
    expect(started).toEqual(['run-1']);
    void why.wantNearest({ ...of, itemId: 8 });
    nearest[1]!.give({ missing: 5, images: 5, nearest: [] });
    await settled();
    expect(started).toEqual(['run-1']);
  });

  it('that are all known begin nothing', async () => {
    const { why, nearest, started } = setUp();
    void why.wantNearest(of);
    nearest[0]!.give({ missing: 0, images: 5, nearest: [] });
    await settled();
    await why.wantNearest(of);
    expect([started, nearest.length]).toEqual([[], 1]);
  });
});
