/** The range of a perfectly calibrated network holds the errors of one, and not those of one that is too sure. */
import { describe, expect, it } from 'vitest';
import { calibrationErrors, reliabilityBins } from '#recipe/statistics/reliability.ts';
import { generator } from '../random-numbers.ts';
import { finish } from '../work-in-turns.ts';
import { consistencyRange } from './consistency.ts';

/** Probabilities of a network, and answers right as often as `truth` says of each. */
function network(images: number, seed: number, truth: (confidence: number) => number) {
  const uniform = generator(seed);
  const confidence = Float32Array.from({ length: images }, () => 0.3 + 0.7 * uniform() ** 0.5);
  const right = Uint8Array.from(confidence, (value) => Number(uniform() < truth(value)));
  return { confidence, error: calibrationErrors(reliabilityBins({ confidence, right }))!.expected };
}

/** How many of the networks have their error in the range. */
function held(images: number, truth: (confidence: number) => number, networks = 400): number {
  let inside = 0;
  for (let seed = 1; seed <= networks; seed += 1) {
    const { confidence, error } = network(images, seed, truth);
    const { low, high } = finish(consistencyRange(confidence, { draws: 400, seed }))!;
    inside += Number(error >= low && error <= high);
  }
  return inside / networks;
}

describe('what a perfectly calibrated network would show', () => {
  it.each([40, 500])('holds its error 95 times of 100, of %i images', (images) => {
    // Of 400, 95 % are known to within 2.2; the range is of 400 draws, so a little more.
    const share = held(images, (confidence) => confidence);
    expect(share).toBeGreaterThan(0.92);
    expect(share).toBeLessThan(0.98);
  });

  it('holds the error of one that is too sure by ten points hardly ever', () => {
    expect(held(500, (confidence) => confidence - 0.1, 100)).toBeLessThan(0.1);
  });

  it('is above zero though nothing is wrong with it, and nearer to it with more images', () => {
    const of = (images: number) =>
      finish(consistencyRange(network(images, 1, (value) => value).confidence, { draws: 500 }))!;
    expect(of(100).low).toBeGreaterThan(0.02);
    expect(of(10_000).high).toBeLessThan(0.02);
  });

  it('is the same for the same images, and none of none', () => {
    const { confidence } = network(60, 3, (value) => value);
    const of = (given: Float32Array) => finish(consistencyRange(given, { draws: 50 }));
    expect(of(confidence)).toEqual(of(confidence.slice()));
    expect(of(Float32Array.of())).toBeNull();
    expect(of(Float32Array.of(1, NaN))).toEqual({ low: 0, high: 0 });
  });
});
