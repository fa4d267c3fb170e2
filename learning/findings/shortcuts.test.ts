/** A planted shortcut is found first, and chance is not found. */
import { describe, expect, it } from 'vitest';
import { generator, normal } from '#learning/random-numbers.ts';
import { finish } from '#learning/work-in-turns.ts';
import { golden, made } from './golden/golden.ts';
import { type Fact, findShortcuts, wordColumns } from './shortcuts.ts';
import { classify, growTree, sortColumns } from './small-tree.ts';

const images = 300;
const classes = 3;

/** Facts that know nothing of the class, but that brightness is this many times as high in class 0. */
function makeFacts(seed: number, brighter: number): { facts: Fact[]; labels: Int32Array } {
  const uniform = generator(seed);
  const draw = normal(uniform);
  const labels = Int32Array.from({ length: images }, () => Math.floor(uniform() * classes));
  const column = (value: (at: number) => number) =>
    Float64Array.from({ length: images }, (_, at) => value(at));
  return {
    labels,
    facts: [
      { name: 'size', columns: [column(() => 500 + 100 * draw()), column(() => 1 + 0.1 * draw())] },
      { name: 'contrast', columns: [column(() => 50 + 10 * draw())] },
      {
        name: 'brightness',
        columns: [column((at) => (110 + 15 * draw()) * (labels[at] === 0 ? brighter : 1))],
      },
      { name: 'type', columns: wordColumns(Array.from(labels, () => (uniform() < 0.5 ? 'jpg' : 'png'))) },
      { name: 'date', columns: [column((at) => (at % 7 === 0 ? NaN : uniform()))] },
    ],
  };
}

describe('shortcuts', () => {
  it('are ranked: where one class is brighter by a fifth, brightness is first', () => {
    for (const seed of [1, 2, 3]) {
      const { facts, labels } = makeFacts(seed, 1.2);
      const [first, ...others] = finish(findShortcuts(facts, labels, undefined, { shuffles: 99 }));
      expect([seed, first!.fact, first!.found, first!.p]).toEqual([seed, 'brightness', true, 0.01]);
      expect(first!.interval.low).toBeGreaterThan(first!.majority);
      expect(others.filter(({ found }) => found)).toEqual([]);
    }
  });

  it('are not found by chance more often than in one data set of twenty', () => {
    const sets = 60;
    let withOne = 0;
    for (let seed = 0; seed < sets; seed++) {
      const { facts, labels } = makeFacts(100 + seed, 1);
      const found = finish(findShortcuts(facts, labels, undefined, { shuffles: 19, seed }));
      if (found.some((one) => one.found)) withOne++;
    }
    // Of sixty at 5 % three; more than seven in one case of a hundred.
    expect(withOne).toBeLessThanOrEqual(7);
  });

  it('are the words that name the class, and say what the majority is', () => {
    const labels = Int32Array.from({ length: 60 }, (_, at) => Number(at % 3 === 0));
    const words = Array.from(labels, (label) => (label === 1 ? 'png' : 'jpg'));
    const [only] = finish(findShortcuts([{ name: 'type', columns: wordColumns(words) }], labels));
    expect(only).toMatchObject({ accuracy: 1, majority: 2 / 3, p: 1 / 200, found: true });
  });

  it('name images of which the fact alone tells the class, the surest first', () => {
    const { facts, labels } = makeFacts(1, 1.5);
    const [first, ...others] = finish(findShortcuts(facts, labels, undefined, { shuffles: 19 }));
    const { told, accuracy } = first!;
    expect(told).toHaveLength(Math.round(accuracy * images));
    expect(told.map(({ share }) => share)).toEqual(told.map(({ share }) => share).sort((a, b) => b - a));
    // Half as bright again is nearly never another class; between the two others brightness tells nothing.
    const [column] = facts.find(({ name }) => name === 'brightness')!.columns;
    const sure = told.filter(({ share }) => share > 0.9);
    expect(sure.length).toBeGreaterThan(60);
    for (const { place } of sure) {
      expect(labels[place]).toBe(0);
      expect(column![place]).toBeGreaterThan(130);
    }
    expect(others.filter(({ found }) => !found).map((other) => other.told)).toEqual([[], [], [], []]);
  });

  it('name images by their place among all, where only some were looked at', () => {
    const labels = Int32Array.from({ length: 300 }, (_, at) => Number(at >= 150));
    const type = { name: 'type', columns: wordColumns(Array.from(labels, (label) => `${label}`)) };
    const [only] = finish(findShortcuts([type], labels, undefined, { most: 100, shuffles: 19 }));
    expect(only!.told).toHaveLength(100);
    expect(Math.max(...only!.told.map(({ place }) => place))).toBeGreaterThan(250);
    expect(only!.told.every(({ share }) => share === 1)).toBe(true);
  });

  it('are looked for in some of many images, and refused where there are fewer than folds', () => {
    const { facts, labels } = makeFacts(5, 1.2);
    const [first] = finish(findShortcuts(facts, labels, undefined, { most: 120, shuffles: 19 }));
    expect(first!.fact).toBe('brightness');
    expect(() => finish(findShortcuts(facts, labels.slice(0, 3)))).toThrow(
      expect.objectContaining({ code: 'NOT_ENOUGH_DATA' }),
    );
  });
});

describe('a small tree', () => {
  it("answers as scikit-learn's", () => {
    const columns = [11, 12].map((seed) => Float64Array.from(made(300, seed)));
    columns.push(Float64Array.from({ length: 300 }, (_, at) => at % 17));
    const third = made(300, 13);
    const labels = Int32Array.from(
      third,
      (value, at) => Number(columns[0]![at]! > 120) + Number(columns[2]![at]! > 8 && value > 60),
    );
    const tree = growTree(columns, sortColumns(columns), labels, 3, { depth: 3, least: 5 });
    expect(golden.tree.map((_, row) => classify(tree, columns, row))).toEqual(golden.tree);
  });

  it('keeps unknown values together', () => {
    const column = Float64Array.from({ length: 40 }, (_, at) => (at < 20 ? NaN : at % 5));
    const labels = Int32Array.from({ length: 40 }, (_, at) => Number(at < 20));
    const tree = growTree([column], sortColumns([column]), labels, 2, { depth: 1, least: 5 });
    expect(Array.from(labels, (_, row) => classify(tree, [column], row))).toEqual([...labels]);
  });
});
