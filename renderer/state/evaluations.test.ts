import { describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Evaluation, Tta } from '#contract/evaluation.ts';
import type { Run } from '#contract/run.ts';
import { Evaluations } from './evaluations.svelte.ts';
import { type ItemPrediction, Predictions } from './predictions.svelte.ts';
import { byHand, TestStudio } from './testing.ts';

const evaluation = (tta: Tta, accuracy: number) =>
  ({ runId: 'r', split: 'test', tta, accuracy }) as Evaluation;
const prediction = (predicted: number): ItemPrediction => ({ predicted, probabilities: [1], classIds: [1] });
const finished = (tta: Tta, accuracy: number) =>
  ({ event: 'evaluation.finished', evaluation: evaluation(tta, accuracy) }) as const;

describe('evaluations', () => {
  it('stand side by side, one for each way of asking', () => {
    const evaluations = new Evaluations(new TestStudio());
    evaluations.receive(finished('none', 0.9));
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
    answers[0]!.give(evaluation('none', 0.1));
    await before;
    expect(evaluations.get('r', 'test')).toBeUndefined();
    answers[1]!.give(evaluation('none', 0.9));
    await after;
    expect(evaluations.get('r', 'test')?.accuracy).toBe(0.9);
  });

  it('that were finished meanwhile are not replaced by what was read before', async () => {
    const { ask, answers } = byHand<unknown[], Evaluation | null>();
    const evaluations = new Evaluations(new TestStudio({ evaluations: { get: ask } }));
    const read = evaluations.want('r', 'test');
    evaluations.receive(finished('none', 0.9));
    answers[0]!.give(null);
    await read;
    expect(evaluations.get('r', 'test')?.accuracy).toBe(0.9);
  });
});

describe('predictions', () => {
  it('say why they could not be read, until they could', async () => {
    vi.useFakeTimers();
    let answer: () => Promise<null[]> = () =>
      Promise.reject(new AtelierError('INTERNAL', 'The disk is gone.'));
    const predictions = new Predictions(new TestStudio({ evaluations: { predictions: () => answer() } }));
    predictions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    expect([predictions.fault('r')?.code, predictions.get('r', 1), predictions.fault('other')]).toEqual([
      'INTERNAL',
      undefined,
      undefined,
    ]);
    answer = () => Promise.resolve([null]);
    predictions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    expect([predictions.fault('r'), predictions.get('r', 1)]).toEqual([undefined, null]);
    vi.useRealTimers();
  });

  it('that were asked for before a reset are dropped, and can be asked for anew', async () => {
    vi.useFakeTimers();
    const { ask, answers } = byHand<unknown[], (ItemPrediction | null)[]>();
    const predictions = new Predictions(new TestStudio({ evaluations: { predictions: ask } }));
    predictions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    // Still waiting for its turn.
    predictions.want('r', [2]);
    predictions.reset();
    answers[0]!.give([prediction(7)]);
    await vi.advanceTimersByTimeAsync(50);
    expect([predictions.get('r', 1), predictions.get('r', 2), answers.length]).toEqual([
      undefined,
      undefined,
      1,
    ]);
    predictions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    answers[1]!.give([prediction(3)]);
    await vi.advanceTimersByTimeAsync(0);
    expect(predictions.get('r', 1)?.predicted).toBe(3);
    vi.useRealTimers();
  });

  it('are kept when the run is asked in another way', async () => {
    vi.useFakeTimers();
    const predictions = new Predictions(
      new TestStudio({ evaluations: { predictions: () => Promise.resolve([null]) } }),
    );
    predictions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    predictions.receive(finished('flip', 0.9));
    expect(predictions.get('r', 1)).toBeNull();
    predictions.receive(finished('none', 0.9));
    expect(predictions.get('r', 1)).toBeUndefined();
    vi.useRealTimers();
  });
});
