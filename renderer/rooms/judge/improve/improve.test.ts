/** What is shown is of the run and the part that are looked at, and of the last change that was asked for. */
import { describe, expect, it } from 'vitest';
import type { CurveOf } from '#contract/learning-curve.ts';
import { curveLines, curveWords } from '../../../parts/plot/learning-curve-lines.ts';
import { ImproveStore } from './improve.svelte.ts';
import { actionWords, gainWords } from './words.ts';

interface Asked {
  runId: string;
  change: { merge: number[][]; drop: number[] };
  answer: (found: unknown) => void;
}

function setUp(studies: { id: string; plan: { kind: string } }[] = []) {
  const asked: Asked[] = [];
  const read: string[] = [];
  const client = {
    improvements: {
      list: ({ runId }: { runId: string }) => {
        read.push(runId);
        return Promise.resolve({ runId, validation: null, list: [] });
      },
      learningCurve: ({ studyId }: { studyId: string }) =>
        Promise.resolve({ studyId, overall: { fit: studyId === 'study-1' ? {} : null } }),
      whatIf: (input: Omit<Asked, 'answer'>) =>
        new Promise((answer) => {
          asked.push({ ...input, answer });
        }),
    },
    studies: { list: () => Promise.resolve(studies) },
  } as never;
  const store = new ImproveStore({
    call: (ask: (client: never) => Promise<unknown>) => ask(client),
  } as never);
  return { store, asked, read };
}

describe('the Improve tab', () => {
  it('reads once for a run and a part, and again when what it is made of has changed', async () => {
    const { store, asked, read } = setUp();
    void store.want({ runId: 'run-1', split: 'test' });
    void store.want({ runId: 'run-1', split: 'test' });
    await expect.poll(() => store.improvements?.runId).toBe('run-1');
    expect([read, asked.length]).toEqual([['run-1'], 1]);
    store.receive({ event: 'evidence.finished', runId: 'run-1', split: 'test' });
    await expect.poll(() => read.length).toBe(2);
    void store.want({ runId: 'run-2', split: 'test' });
    expect(store.improvements).toBeUndefined();
    await expect.poll(() => store.improvements?.runId).toBe('run-2');
  });

  it('shows the answer to the last change, though an earlier one comes later', async () => {
    const { store, asked } = setUp();
    void store.want({ runId: 'run-1', split: 'test' });
    void store.change({ merged: [1, 2] });
    void store.change({ merged: [1], dropped: [3] });
    expect(asked.map(({ change }) => change)).toEqual([
      { merge: [], drop: [] },
      { merge: [[1, 2]], drop: [] },
      // One class alone is merged with nothing.
      { merge: [], drop: [3] },
    ]);
    asked[2]!.answer({ runId: 'last' });
    await expect.poll(() => store.whatIf?.runId).toBe('last');
    asked[1]!.answer({ runId: 'earlier' });
    await Promise.resolve();
    expect(store.whatIf?.runId).toBe('last');
  });

  it('shows the newest learning curve that says something', async () => {
    const kind = (id: string, of: string) => ({ id, plan: { kind: of } });
    const { store } = setUp([
      kind('study-3', 'search'),
      kind('study-2', 'learning-curve'),
      kind('study-1', 'learning-curve'),
    ]);
    void store.want({ runId: 'run-1', split: 'test' });
    await expect.poll(() => store.curve?.studyId).toBe('study-1');
  });
});

describe('a curve', () => {
  const estimate = { value: 0.8, low: -0.1, high: 1.2 };
  const of: CurveOf = {
    classId: 4,
    name: 'glass',
    points: [
      { runId: 'run-1', seed: 1, images: 10, tested: 20, correct: 15 },
      { runId: 'run-2', seed: 1, images: 0, tested: 20, correct: 0 },
    ],
    fit: {
      from: 10,
      to: 80,
      line: [{ images: 10, ...estimate }],
      now: estimate,
      twice: { value: 0.02, low: 0, high: 0.04 },
      forGain: null,
    },
  };
  it('is drawn within what accuracy can be, each training a point', () => {
    const lines = curveLines(of);
    expect(lines.map(({ id, points }) => [id, points[0]!.x, points[0]!.y])).toEqual([
      ['law', 10, 0.8],
      ['low', 10, 0],
      ['high', 10, 1],
      ['training-0', 10, 0.75],
    ]);
    expect(curveLines({ ...of, fit: null }).map(({ id }) => id)).toEqual(['training-0']);
  });
  it('and what to do are told in words', () => {
    expect(curveWords(of)).toMatch(
      /^glass: 80\.0.% with 80 images, 0\.0 to \+4\.0 points more with twice as many$/,
    );
    expect(curveWords({ ...of, fit: null })).toMatch(/too few sizes/);
    expect(gainWords({ gain: null, effect: 'trust' })).toBe('An honest figure');
    expect(gainWords({ gain: of.fit!.twice, effect: 'accuracy' })).toBe('+2.0 points');
    expect(actionWords({ to: 'findings', finding: null })).toBe('Look for them');
  });
});
