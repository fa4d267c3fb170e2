import { describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Evaluation, TestTime } from '#contract/evaluation.ts';
import type { Run } from '#contract/run.ts';
import { Evaluations } from './evaluations.svelte.ts';
import { type Opinion, Opinions } from './opinions.svelte.ts';
import { byHand, TestStudio } from './testing.ts';

const evaluation = (testTime: TestTime, accuracy: number) =>
  ({ runId: 'r', split: 'test', testTime, accuracy }) as Evaluation;
const opinion = (predicted: number): Opinion => ({ predicted, probabilities: [1], classIds: [1] });
const finished = (testTime: TestTime, accuracy: number) =>
  ({ event: 'evaluation.finished', evaluation: evaluation(testTime, accuracy) }) as const;

describe('evaluations', () => {
  it('stand side by side, one for each way of asking', () => {
    const evaluations = new Evaluations(new TestStudio());
    evaluations.receive(finished('once', 0.9));
    evaluations.receive(finished('flip', 0.91));
    expect(evaluations.get('r', 'test')?.accuracy).toBe(0.9);
    expect(evaluations.get('r', 'test', 'flip')?.accuracy).toBe(0.91);
    expect(evaluations.get('r', 'test', 'flip-shift')).toBeUndefined();
  });

  it('are all forgotten when the run goes on', () => {
    const evaluations = new Evaluations(new TestStudio());
    evaluations.receive(finished('flip', 0.91));
    evaluations.receive({ event: 'run.changed', run: { id: 'r', state: 'running' } as Run });
    expect(evaluations.get('r', 'test', 'flip')).toBeUndefined();
  });

  it('that were asked for before a switch of project are not taken for the other one', async () => {
    const { ask, answers } = byHand<unknown[], Evaluation | null>();
    const evaluations = new Evaluations(new TestStudio({ evaluations: { get: ask } }));
    const before = evaluations.want('r', 'test');
    evaluations.reset();
    const after = evaluations.want('r', 'test');
    answers[0]!.give(evaluation('once', 0.1));
    await before;
    expect(evaluations.get('r', 'test')).toBeUndefined();
    answers[1]!.give(evaluation('once', 0.9));
    await after;
    expect(evaluations.get('r', 'test')?.accuracy).toBe(0.9);
  });

  it('that were finished meanwhile are not replaced by what was read before', async () => {
    const { ask, answers } = byHand<unknown[], Evaluation | null>();
    const evaluations = new Evaluations(new TestStudio({ evaluations: { get: ask } }));
    const read = evaluations.want('r', 'test');
    evaluations.receive(finished('once', 0.9));
    answers[0]!.give(null);
    await read;
    expect(evaluations.get('r', 'test')?.accuracy).toBe(0.9);
  });
});

describe('opinions', () => {
  it('say why they could not be read, until they could', async () => {
    vi.useFakeTimers();
    let answer: () => Promise<null[]> = () =>
      Promise.reject(new AtelierError('INTERNAL', 'The disk is gone.'));
    const opinions = new Opinions(new TestStudio({ evaluations: { predictions: () => answer() } }));
    opinions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    expect([opinions.fault('r')?.code, opinions.get('r', 1), opinions.fault('other')]).toEqual([
      'INTERNAL',
      undefined,
      undefined,
    ]);
    answer = () => Promise.resolve([null]);
    opinions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    expect([opinions.fault('r'), opinions.get('r', 1)]).toEqual([undefined, null]);
    vi.useRealTimers();
  });

  it('that were asked for before a reset are dropped, and can be asked for anew', async () => {
    vi.useFakeTimers();
    const { ask, answers } = byHand<unknown[], (Opinion | null)[]>();
    const opinions = new Opinions(new TestStudio({ evaluations: { predictions: ask } }));
    opinions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    // Still waiting for its turn.
    opinions.want('r', [2]);
    opinions.reset();
    answers[0]!.give([opinion(7)]);
    await vi.advanceTimersByTimeAsync(50);
    expect([opinions.get('r', 1), opinions.get('r', 2), answers.length]).toEqual([undefined, undefined, 1]);
    opinions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    answers[1]!.give([opinion(3)]);
    await vi.advanceTimersByTimeAsync(0);
    expect(opinions.get('r', 1)?.predicted).toBe(3);
    vi.useRealTimers();
  });

  it('are kept when the run is asked in another way', async () => {
    vi.useFakeTimers();
    const opinions = new Opinions(
      new TestStudio({ evaluations: { predictions: () => Promise.resolve([null]) } }),
    );
    opinions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    opinions.receive(finished('flip', 0.9));
    expect(opinions.get('r', 1)).toBeNull();
    opinions.receive(finished('once', 0.9));
    expect(opinions.get('r', 1)).toBeUndefined();
    vi.useRealTimers();
  });
});
