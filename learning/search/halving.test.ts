/** Which trial goes on, against Optuna's rule and against successive halving with everything known. */
import { describe, expect, it } from 'vitest';
import { golden } from './golden/golden.ts';
import { type Climber, expectedEpochs, finalist, promotion, rungs, scoreAt } from './halving.ts';

const climber = (number: number, scores: number[], changes: Partial<Climber> = {}): Climber => ({
  number,
  target: scores.length,
  underWay: false,
  ended: false,
  failed: false,
  scores,
  ...changes,
});

describe('rungs', () => {
  it('multiply up to the end of the recipe', () => {
    expect(rungs({ reduction: 3, minimumEpochs: 1 }, 10)).toEqual([1, 3, 9, 10]);
    expect(rungs({ reduction: 3, minimumEpochs: 1 }, 9)).toEqual([1, 3, 9]);
    expect(rungs({ reduction: 2, minimumEpochs: 5 }, 4)).toEqual([4]);
  });

  it('come to so many epochs', () => {
    // 9 trials to 1, 3 to 3, 1 to 9.
    expect(expectedEpochs(9, [1, 3, 9], 3)).toBe(9 + 3 * 2 + 6);
  });
});

describe('a promotion', () => {
  it.each(golden.promotions)(
    'of $scores.length, one in $reduction, is Optuna’s',
    ({ reduction, scores, promotable }) => {
      let trials = scores.map((score, index) => climber(index + 1, [score]));
      const gone: number[] = [];
      for (;;) {
        const next = promotion(trials, [1, reduction], reduction);
        if (!next) break;
        expect(next.target).toBe(reduction);
        gone.push(next.number);
        trials = trials.map((trial) =>
          trial.number === next.number ? { ...trial, target: next.target, underWay: true } : trial,
        );
      }
      expect(gone.slice().sort((a, b) => a - b)).toEqual(promotable);
      expect(gone.map((number) => scores[number - 1])).toEqual(
        gone.map((number) => scores[number - 1]!).sort((a, b) => b - a),
      );
    },
  );

  it('waits until there are enough to choose from', () => {
    expect(promotion([climber(1, [0.9]), climber(2, [0.8])], [1, 3, 9], 3)).toBeNull();
  });

  it('prefers the highest rung', () => {
    const trials = [
      ...[0.5, 0.6, 0.7].map((score, index) => climber(index + 1, [score, score, score])),
      ...[0.9, 0.8, 0.4].map((score, index) => climber(index + 4, [score])),
    ];
    expect(promotion(trials, [1, 3, 9], 3)).toEqual({ number: 3, target: 9 });
  });

  it('counts failed trials as worst, and never goes on with one that is over', () => {
    const failed = { failed: true, ended: true, target: 1 };
    expect(promotion([climber(1, [], failed), climber(2, [], failed), climber(3, [0.1])], [1, 3], 3)).toEqual(
      { number: 3, target: 3 },
    );
    // Six that failed at the first rung do not open the way to the last one.
    const lost = Array.from({ length: 6 }, (_, index) => climber(index + 1, [], failed));
    const second = climber(7, [0.5, 0.6, 0.7]);
    expect(promotion([...lost, second], [1, 3, 9], 3)).toBeNull();
    expect([1, 3, 9].map((rung) => scoreAt({ ...climber(8, [0.5], failed), target: 3 }, rung))).toEqual([
      -Infinity,
      -Infinity,
      null,
    ]);
    // The best one stopped early: there is none to go on with.
    const early = climber(1, [0.9], { ended: true });
    expect(promotion([early, climber(2, [0.2, 0.3]), climber(3, [0.1, 0.1])], [2, 6], 3)).toBeNull();
    expect([scoreAt(early, 5), scoreAt(climber(2, [0.2]), 2), scoreAt(climber(2, [0.3, 0.2]), 1)]).toEqual([
      0.9,
      null,
      0.3,
    ]);
  });

  it('one worker and scores that do not change: the best trial reaches the end', () => {
    // 27 trials, one in three, rungs 1, 3, 9, 27: what asynchronous halving does, step by step.
    const scores = Array.from({ length: 27 }, (_, index) => ((index * 11) % 27) / 27);
    const trials: Climber[] = [];
    const steps = rungs({ reduction: 3, minimumEpochs: 1 }, 27);
    for (;;) {
      const next = promotion(trials, steps, 3);
      if (next) {
        const at = trials.findIndex(({ number }) => number === next.number);
        const own = new Array<number>(next.target).fill(scores[next.number - 1]!);
        trials[at] = climber(next.number, own, { ended: next.target === 27 });
      } else if (trials.length < 27) {
        trials.push(climber(trials.length + 1, [scores[trials.length]!]));
      } else break;
    }
    const reached = steps.map((step) => trials.filter(({ scores }) => scores.length >= step).length);
    expect(reached[0]).toBe(27);
    expect(reached[1]).toBeGreaterThanOrEqual(9);
    expect(reached[2]).toBeGreaterThanOrEqual(3);
    const bestTrial = 1 + scores.indexOf(Math.max(...scores));
    expect(trials.find(({ number }) => number === bestTrial)!.scores.length).toBe(27);
  });
});

describe('a finalist', () => {
  it('is the best of the highest rung, until one has been trained to the end', () => {
    const steps = [1, 3, 9];
    const trials = [climber(1, [0.9]), climber(2, [0.2, 0.3, 0.4]), climber(3, [0.1, 0.3, 0.5])];
    expect(promotion(trials, steps, 4)).toBeNull();
    expect(finalist(trials, steps)).toEqual({ number: 3, target: 9 });
    const done = climber(3, [0.1, 0.3, 0.5, 0.6], { ended: true });
    expect(finalist([...trials.slice(0, 2), done], steps)).toBeNull();
    const failed = climber(3, [0.1], { ended: true, failed: true });
    expect(finalist([climber(1, [0.2]), climber(2, [0.3]), failed], steps)).toEqual({ number: 2, target: 3 });
    expect(finalist([failed], steps)).toBeNull();
  });
});
