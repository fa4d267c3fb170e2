/** Confident learning beside cleanlab, on its own figures; votes of neighbours; and what no table has. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generator } from '#learning/random-numbers.ts';
import { classThresholds, confidentJoint, jointDistribution, type Predicted } from './confident-joint.ts';
import { golden } from './golden/golden.ts';
import { errorFilters, findLabelErrors } from './label-errors.ts';
import { labelQuality, meanProbabilities, qualityScores, rankByQuality } from './label-quality.ts';
import { neighbourVotes } from './neighbour-votes.ts';

const expectNear = (found: ArrayLike<number>, expected: readonly number[]) => {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, at) => expect(Math.abs(found[at]! - value)).toBeLessThan(1e-9));
};

const tables = golden.cases.map(({ labels, classes, probabilities, ...expected }) => ({
  predicted: { labels, classes, probabilities: Float64Array.from(probabilities.flat()) } satisfies Predicted,
  images: labels.length,
  ...expected,
}));

describe.each(tables)(
  'as cleanlab: $images images',
  ({ predicted, thresholds, joint, distribution, quality, errors }) => {
    it('thresholds and joint', () => {
      expectNear(classThresholds(predicted), thresholds);
      expect([...confidentJoint(predicted).counts]).toEqual(joint.flat());
      expectNear(jointDistribution(predicted), distribution.flat());
    });

    it.each(qualityScores)('%s', (score) => {
      expectNear(labelQuality(predicted, score), quality[score]);
    });

    it.each(errorFilters)('errors by %s', (filter) => {
      expect(findLabelErrors(predicted, { filter }).map(({ place }) => place)).toEqual(errors[filter]);
    });
  },
);

const predictions = fc
  .tuple(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 60 }), fc.integer())
  .map(([classes, images, seed]): Predicted => {
    const random = generator(seed);
    const labels = Array.from({ length: images }, () => Math.floor(random() * classes));
    const probabilities = new Float64Array(images * classes);
    for (let at = 0; at < images; at += 1) {
      const row = Array.from({ length: classes }, () => random() ** 4 + 1e-6);
      const sum = row.reduce((total, value) => total + value, 0);
      probabilities.set(
        row.map((value) => value / sum),
        at * classes,
      );
    }
    return { labels, probabilities, classes };
  });

describe('label errors', () => {
  it('are never of the most probable class, have another one suggested, and leave each class an image', () => {
    fc.assert(
      fc.property(predictions, fc.constantFrom(...errorFilters), (predicted, filter) => {
        const { labels, probabilities, classes } = predicted;
        const errors = findLabelErrors(predicted, { filter });
        for (const { place, given, suggested } of errors) {
          expect(labels[place]).toBe(given);
          expect(probabilities[place * classes + suggested]!).toBeGreaterThan(
            probabilities[place * classes + given]!,
          );
        }
        expect(new Set(errors.map(({ place }) => place)).size).toBe(errors.length);
        if (filter === 'class')
          for (const label of new Set(Array.from(labels)))
            expect(errors.filter(({ given }) => given === label).length).toBeLessThan(
              Array.from(labels).filter((each) => each === label).length,
            );
      }),
    );
  });

  it('are counted so that each row of the joint sums to the images of its class', () => {
    fc.assert(
      fc.property(predictions, (predicted) => {
        const { counts } = confidentJoint(predicted);
        for (let given = 0; given < predicted.classes; given += 1) {
          const row = counts.subarray(given * predicted.classes, (given + 1) * predicted.classes);
          const images = Array.from(predicted.labels).filter((label) => label === given).length;
          expect(row.reduce((sum, count) => sum + count, 0)).toBe(images);
        }
      }),
    );
  });

  it('are those that were made, where predictions are good', () => {
    const random = generator(4);
    const truth = Array.from({ length: 400 }, (_, at) => at % 4);
    const flipped = new Set([3, 50, 111, 200, 303, 390]);
    const labels = truth.map((label, at) => (flipped.has(at) ? (label + 1) % 4 : label));
    const probabilities = Float64Array.from({ length: 1600 }, (_, at) => {
      const sure = 0.85 + 0.1 * random();
      return at % 4 === truth[Math.floor(at / 4)] ? sure : (1 - sure) / 3;
    });
    const errors = findLabelErrors({ labels, probabilities, classes: 4 });
    expect(new Set(errors.map(({ place }) => place))).toEqual(flipped);
    for (const { place, suggested } of errors) expect(suggested).toBe(truth[place]);
    const ranked = rankByQuality(labelQuality({ labels, probabilities, classes: 4 }, 'normalised-margin'));
    expect(new Set(ranked.slice(0, 6))).toEqual(flipped);
  });

  it('refuse shapes, labels and probabilities that are none', () => {
    const refused = (predicted: Predicted) =>
      expect(() => findLabelErrors(predicted)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
    refused({ labels: [0], classes: 2, probabilities: new Float64Array(3) });
    refused({ labels: [0], classes: 1, probabilities: new Float64Array(1) });
    refused({ labels: [-1], classes: 2, probabilities: Float64Array.of(0.5, 0.5) });
    refused({ labels: [0], classes: 2, probabilities: Float64Array.of(NaN, 0.5) });
    refused({ labels: [0], classes: 2, probabilities: Float64Array.of(1.5, -0.5) });
    expect(findLabelErrors({ labels: [], classes: 2, probabilities: new Float64Array(0) })).toEqual([]);
  });
});

describe('votes of neighbours', () => {
  it('go to the classes of the nearest, nearer ones weighing more', () => {
    const votes = neighbourVotes(
      {
        count: 3,
        places: Int32Array.of(1, 2, 3, 0, -1, -1),
        cosines: Float32Array.of(0.9, 0.8, 0.7, 0.9, -1, -1),
      },
      [0, 0, 1, 1],
      2,
    );
    // Distances 0.1, 0.2, 0.3 in units of their mean, and a tenth of a vote for both.
    const [near, next, far] = [0.5, 1, 1.5].map((distance) => Math.exp(-distance)) as [
      number,
      number,
      number,
    ];
    const sum = near + next + far + 0.1;
    expect(votes[0]).toBeCloseTo((near + 0.05) / sum, 6);
    expect(votes[1]).toBeCloseTo((next + far + 0.05) / sum, 6);
    expect(votes[2]! + votes[3]!).toBeCloseTo(1, 12);
    expect(votes[2]).toBeGreaterThan(0.8);
  });

  it('leave out images without a class, and are even where nobody votes', () => {
    const votes = neighbourVotes(
      { count: 2, places: Int32Array.of(1, 2), cosines: Float32Array.of(1, 1) },
      [0, -1, -1],
      4,
    );
    expect([...votes]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it('have a mean with a model’s', () => {
    expect([...meanProbabilities([Float64Array.of(0.2, 0.8), Float32Array.of(0.5, 0.5)])]).toEqual([
      0.35, 0.65,
    ]);
    expect(meanProbabilities([])).toHaveLength(0);
  });
});
