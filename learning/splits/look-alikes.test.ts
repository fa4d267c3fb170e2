/** Copies of a vector with noise are found, whatever all vectors have in common; a set of one kind of thing is not chained together. */
import { describe, expect, it } from 'vitest';
import { generator, normal } from '#learning/random-numbers.ts';
import { nearest } from '#learning/findings/testing.ts';
import { centredUnit, embeddingLookAlikes, leastSimilarity, lookAlikeNeighbours } from './look-alikes.ts';

const size = 48;
const alikeOf = (unit: Float32Array) => embeddingLookAlikes(nearest(unit, size, lookAlikeNeighbours));

/** Things shown twice each, with noise, around what all have in common. */
function shownTwice(things: number, noise: number, common: number): Float32Array {
  const draw = normal(generator(5));
  const values = new Float32Array(2 * things * size);
  const base = Array.from({ length: size }, () => common * Math.abs(draw()));
  for (let thing = 0; thing < things; thing++) {
    const centre = base.map((value) => value + draw());
    for (const view of [0, 1])
      centre.forEach((value, at) => (values[(2 * thing + view) * size + at] = value + noise * draw()));
  }
  return values;
}

describe('look-alikes by embeddings', () => {
  it('are two views of one thing, and hardly others', () => {
    const pairs = alikeOf(centredUnit(shownTwice(150, 0.4, 20), size));
    const right = pairs.filter(({ a, b }) => a >> 1 === b >> 1);
    expect(right.length).toBeGreaterThan(145);
    expect(pairs.length - right.length).toBeLessThan(5);
    expect(pairs.every(({ similarity }) => similarity >= leastSimilarity)).toBe(true);
    expect(pairs.map(({ similarity }) => similarity)).toEqual(
      pairs.map(({ similarity }) => similarity).sort((p, q) => q - p),
    );
  });

  it('need to be closer where they would chain a large part of the set together', () => {
    const draw = normal(generator(9));
    // Two kinds that differ far more than the things of a kind, of which the last ten are shown twice.
    const kinds = [0, 1].map(() => Array.from({ length: size }, () => 5 * draw()));
    const values = new Float32Array(210 * size);
    for (let place = 0; place < 200; place++)
      kinds[place % 2]!.forEach((value, at) => (values[place * size + at] = value + draw()));
    for (let copy = 0; copy < 10; copy++)
      for (let at = 0; at < size; at++)
        values[(200 + copy) * size + at] = values[(190 + copy) * size + at]! + 0.05 * draw();
    const pairs = alikeOf(centredUnit(values, size));
    const copies = pairs.filter(({ a, b }) => b === a + 10 && b >= 200);
    expect(copies).toHaveLength(10);
    expect(pairs.length).toBeLessThan(40);
  });

  it('say nothing of an image that is the mean of all', () => {
    const unit = centredUnit(new Float32Array(4 * size).fill(1), size);
    expect(unit.every((value) => value === 0)).toBe(true);
    expect(alikeOf(unit)).toEqual([]);
  });
});
