import { describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Evaluation, Tta } from '#contract/evaluation.ts';
import type { Run } from '#contract/run.ts';
import { Evaluations } from './evaluations.svelte.ts';
import { Predictions } from './predictions.svelte.ts';
import type { Studio } from './studio.svelte.ts';

const evaluation = (tta: Tta, accuracy: number) =>
  ({ runId: 'r', split: 'test', tta, accuracy }) as Evaluation;
const finished = (tta: Tta, accuracy: number) =>
  ({ event: 'evaluation.finished', evaluation: evaluation(tta, accuracy) }) as const;

describe('evaluations', () => {
  it('stand side by side, one for each way of asking', () => {
    const evaluations = new Evaluations({} as Studio);
    evaluations.receive(finished('none', 0.9));
    evaluations.receive(finished('flip', 0.91));
    expect(evaluations.get('r', 'test')?.accuracy).toBe(0.9);
    expect(evaluations.get('r', 'test', 'flip')?.accuracy).toBe(0.91);
    expect(evaluations.get('r', 'test', 'flip-shift')).toBeUndefined();
  });

  it('are all forgotten when the run goes on', () => {
    const evaluations = new Evaluations({} as Studio);
    evaluations.receive(finished('flip', 0.91));
    evaluations.receive({ event: 'run.changed', run: { id: 'r', state: 'running' } as Run });
    expect(evaluations.get('r', 'test', 'flip')).toBeUndefined();
  });

  it('that were asked for before a switch of project are not taken for the other one', async () => {
    const answers: ((evaluation: Evaluation | null) => void)[] = [];
    const call = () => new Promise<Evaluation | null>((resolve) => answers.push(resolve));
    const evaluations = new Evaluations({ call } as unknown as Studio);
    const before = evaluations.want('r', 'test');
    evaluations.reset();
    const after = evaluations.want('r', 'test');
    answers[0]!(evaluation('none', 0.1));
    await before;
    expect(evaluations.get('r', 'test')).toBeUndefined();
    answers[1]!(evaluation('none', 0.9));
    await after;
    expect(evaluations.get('r', 'test')?.accuracy).toBe(0.9);
  });

  it('that were finished meanwhile are not replaced by what was read before', async () => {
    let answer: (evaluation: Evaluation | null) => void = () => {};
    const call = () => new Promise<Evaluation | null>((resolve) => (answer = resolve));
    const evaluations = new Evaluations({ call } as unknown as Studio);
    const read = evaluations.want('r', 'test');
    evaluations.receive(finished('none', 0.9));
    answer(null);
    await read;
    expect(evaluations.get('r', 'test')?.accuracy).toBe(0.9);
  });
});

describe('predictions', () => {
  it('say why they could not be read, until they could', async () => {
    vi.useFakeTimers();
    const call = vi.fn(() => Promise.reject(new AtelierError('INTERNAL', 'The disk is gone.')));
    const predictions = new Predictions({ call } as unknown as Studio);
    predictions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    expect([predictions.fault('r')?.code, predictions.get('r', 1), predictions.fault('other')]).toEqual([
      'INTERNAL',
      undefined,
      undefined,
    ]);
    call.mockImplementation(() => Promise.resolve([null]) as never);
    predictions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    expect([predictions.fault('r'), predictions.get('r', 1)]).toEqual([undefined, null]);
    vi.useRealTimers();
  });

  it('that were asked for before a reset are dropped, and can be asked for anew', async () => {
    vi.useFakeTimers();
    const answers: ((predictions: unknown[]) => void)[] = [];
    const call = vi.fn(() => new Promise<unknown[]>((resolve) => answers.push(resolve)));
    const predictions = new Predictions({ call } as unknown as Studio);
    predictions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    // Still waiting for its turn.
    predictions.want('r', [2]);
    predictions.reset();
    answers[0]!([{ predicted: 7 }]);
    await vi.advanceTimersByTimeAsync(50);
    expect([predictions.get('r', 1), predictions.get('r', 2), call.mock.calls.length]).toEqual([
      undefined,
      undefined,
      1,
    ]);
    predictions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    answers[1]!([{ predicted: 3 }]);
    await vi.advanceTimersByTimeAsync(0);
    expect(predictions.get('r', 1)?.predicted).toBe(3);
    vi.useRealTimers();
  });

  it('are kept when the run is asked in another way', async () => {
    vi.useFakeTimers();
    const call = vi.fn(() => Promise.resolve([null]));
    const predictions = new Predictions({ call } as unknown as Studio);
    predictions.want('r', [1]);
    await vi.advanceTimersByTimeAsync(50);
    predictions.receive(finished('flip', 0.9));
    expect(predictions.get('r', 1)).toBeNull();
    predictions.receive(finished('none', 0.9));
    expect(predictions.get('r', 1)).toBeUndefined();
    vi.useRealTimers();
  });
});
