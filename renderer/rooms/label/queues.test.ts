import { describe, expect, it } from 'vitest';
import { Evaluation } from '#contract/evaluation.ts';
import { disagreements } from './queues.ts';

const score = (classId: number, name: string) => ({
  ...{ classId, name, support: 60, precision: 1, recall: 1, f1: 1, recallInterval: null },
});
// Read as from the wire: metrics that it does not have are null.
const evaluation = Evaluation.parse({
  ...{ runId: 'r1', split: 'test', evaluatedAt: '', count: 194, correct: 180 },
  ...{ accuracy: 0.93, accuracyInterval: { low: 0.9, high: 0.95 }, loss: 1 },
  classes: [score(7, 'Shirt'), score(3, 'Coat'), score(9, 'Bag')],
  confusion: [
    [50, 4, 0],
    [9, 60, 0],
    [0, 1, 70],
  ],
});

describe('queues of disagreement', () => {
  it('are the wrong cells, worst first, by class id', () => {
    const queues = disagreements([evaluation, null, undefined]);
    expect(queues.map(({ label }) => label)).toEqual([
      'Coat, predicted as Shirt (9, test)',
      'Shirt, predicted as Coat (4, test)',
      'Bag, predicted as Coat (1, test)',
    ]);
    expect(queues[0]?.filter).toEqual({
      cells: { runId: 'r1', split: 'test', actual: [3], predicted: [7] },
    });
    expect(new Set(queues.map(({ value }) => value)).size).toBe(3);
  });

  it('are no more than asked for', () => {
    expect(disagreements([evaluation], 1)).toHaveLength(1);
  });
});
