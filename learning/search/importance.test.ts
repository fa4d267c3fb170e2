/** Importance against Optuna's evaluator, and on a search whose answer is known. */
import { describe, expect, it } from 'vitest';
import { golden } from './golden/golden.ts';
import { divergences, importance } from './importance.ts';

describe('importance', () => {
  it.each(golden.importances.map((row) => ({ ...row, count: row.trials.length })))(
    'of $count trials, best $quantile, is Optuna’s',
    ({ trials, quantile, divergences: expected }) => {
      for (const { path, share } of divergences(golden.space, trials, quantile)) {
        expect(share / expected[path]!, path).toBeCloseTo(1, 7);
      }
    },
  );

  it('finds what decides, in shares that sum to 1', () => {
    const shares = importance(golden.space, golden.importances[3]!.trials)!;
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(shares[0]!.path).toBe('training.learningRate');
    expect(shares.map(({ share }) => share)).toEqual(shares.map(({ share }) => share).sort((a, b) => b - a));
  });

  it('says nothing of few trials, nor where all are equal', () => {
    const { trials } = golden.importances[3]!;
    expect(importance(golden.space, trials.slice(0, 9))).toBeNull();
    const equal = trials.map((trial) => ({ ...trial, score: 0.5 }));
    expect(importance(golden.space, equal)).toBeNull();
  });
});
