/** What is far from all others comes first, whether each is compared with each or with some. */
import { describe, expect, it } from 'vitest';
import { generator, normal } from '#learning/random-numbers.ts';
import { finish } from '#learning/work-in-turns.ts';
import { embeddingOutliers } from './embedding-outliers.ts';
import { golden, made } from './golden/golden.ts';

/** Around ten centres, as the classes of a data set are, and some that belong to none. */
function drawEmbeddings(count: number, strange: readonly number[], size: number): Float32Array {
  const draw = normal(generator(6));
  const centres = Array.from({ length: 10 }, () => Float32Array.from({ length: size }, draw));
  const values = new Float32Array(count * size);
  for (let at = 0; at < count; at++)
    for (let number = 0; number < size; number++)
      values[at * size + number] = (strange.includes(at) ? 0 : centres[at % 10]![number]!) + 0.7 * draw() + 2;
  return values;
}

describe('outliers among embeddings', () => {
  const strange = [3, 100, 101, 250, 400, 599];

  it('are those that were planted', () => {
    const values = drawEmbeddings(600, strange, 64);
    const found = finish(embeddingOutliers(values, 64));
    const first = found.slice(0, strange.length).map(({ place }) => place);
    expect(first.sort((a, b) => a - b)).toEqual(strange);
    expect(found.length).toBeLessThanOrEqual(10);
    const drawn = finish(embeddingOutliers(values, 64, { most: 300, least: 0 }));
    expect(drawn.slice(0, 10).map(({ place }) => place)).toEqual(expect.arrayContaining(strange));
  });

  it("have the distances of scikit-learn's nearest neighbours", () => {
    const values = Float32Array.from(made(40 * 8, 21), (value) => value - 100);
    const found = finish(embeddingOutliers(values, 8, { neighbours: 5, least: -Infinity }));
    expect(found).toHaveLength(40);
    for (const { place, distance } of found) expect(distance).toBeCloseTo(golden.neighbours[place]!, 5);
  });

  it('are none where nothing is there to compare, and vectors that are none do no harm', () => {
    expect(finish(embeddingOutliers(new Float32Array(0), 8))).toEqual([]);
    expect(finish(embeddingOutliers(new Float32Array(80).fill(1), 8))).toEqual([]);
    const values = drawEmbeddings(100, [7], 16);
    values.fill(0, 16, 32);
    values[40] = NaN;
    expect(finish(embeddingOutliers(values, 16, { least: 0 })).every(({ distance }) => distance >= 0)).toBe(
      true,
    );
    expect(() => finish(embeddingOutliers(new Float32Array(7), 8))).toThrow(
      'Expected embeddings of 8 numbers',
    );
  });
});
