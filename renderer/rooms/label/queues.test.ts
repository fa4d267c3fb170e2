import { describe, expect, it } from 'vitest';
import type { Evaluation } from '#contract/evaluation.ts';
import { disagreements } from './queues.ts';

const evaluation = {
  runId: 'r1',
  split: 'test',
  classes: [
    { classId: 7, name: 'Shirt' },
    { classId: 3, name: 'Coat' },
    { classId: 9, name: 'Bag' },
  ],
  confusion: [
    [50, 4, 0],
    [9, 60, 0],
    [0, 1, 70],
  ],
} as unknown as Evaluation;

describe('queues of disagreement', () => {
  it('are the wrong cells, worst first, by class id', () => {
    const queues = disagreements([evaluation, null, undefined]);
    expect(queues.map(({ label }) => label)).toEqual([
      'Coat, taken for Shirt (9, test)',
      'Shirt, taken for Coat (4, test)',
      'Bag, taken for Coat (1, test)',
    ]);
    expect(queues[0]?.filter).toEqual({ cell: { runId: 'r1', split: 'test', actual: 3, predicted: 7 } });
    expect(new Set(queues.map(({ value }) => value)).size).toBe(3);
  });

  it('are no more than asked for', () => {
    expect(disagreements([evaluation], 1)).toHaveLength(1);
  });
});
