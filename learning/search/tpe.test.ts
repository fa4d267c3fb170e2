/** The estimator against Optuna's densities, and against chance on functions with a known best. */
import { describe, expect, it } from 'vitest';
import { SearchSpace } from '#recipe/search-space.ts';
import { StudyPlan } from '#contract/study.ts';
import { golden } from './golden/golden.ts';
import { byMerit, proposeValues, type SearchPlan, type Tried, trialCount } from './sampler.ts';
import { combination, type Values, walkCombinations } from './space.ts';
import { drawParzen, goodCount, logDensity, parzen } from './tpe.ts';
import { generator } from '#learning/random-numbers.ts';

const plan = (changes: object): SearchPlan => StudyPlan.parse({ kind: 'search', ...changes }) as SearchPlan;
const ended = (values: Values, number: number, score: number | null): Tried => ({
  number,
  values,
  state: score === null ? 'failed' : 'finished',
  epochs: 1,
  score,
});

describe('densities', () => {
  it.each(golden.densities.map((row, index) => ({ ...row, index, count: row.trials.length })))(
    'of $count trials over $paths.length parameters are those of Optuna (table $index)',
    ({ paths, trials, underWay, points, good, others }) => {
      const space = golden.space.filter(({ path }) => paths.includes(path));
      const inMerit = byMerit(trials.map(({ values, score }, index) => ended(values, index + 1, score)));
      const split = goodCount(trials.length);
      const inOrder = (part: Tried[]) => part.sort((a, b) => a.number - b.number).map(({ values }) => values);
      const best = parzen(space, inOrder(inMerit.slice(0, split)));
      const rest = parzen(space, [...inOrder(inMerit.slice(split)), ...underWay]);
      points.forEach((values, at) => {
        expect(logDensity(best, values)).toBeCloseTo(good[at]!, 7);
        expect(logDensity(rest, values)).toBeCloseTo(others[at]!, 7);
      });
    },
  );

  it('sum to 1 over whole numbers and choices', () => {
    const space = SearchSpace.parse([
      { kind: 'integer', path: 'training.epochs', low: 1, high: 6, logarithmic: true },
      { kind: 'choice', path: 'model.initialiser', values: ['he-normal', 'orthogonal'] },
    ]);
    const of = (epochs: number, initialiser: string): Values => ({
      'training.epochs': epochs,
      'model.initialiser': initialiser,
    });
    const estimator = parzen(space, [of(2, 'he-normal'), of(6, 'orthogonal'), of(2, 'orthogonal')]);
    let sum = 0;
    const drawn = new Map<string, number>();
    for (const initialiser of ['he-normal', 'orthogonal']) {
      for (let epochs = 1; epochs <= 6; epochs++) {
        const probability = Math.exp(logDensity(estimator, of(epochs, initialiser)));
        drawn.set(combination(space, of(epochs, initialiser)), probability);
        sum += probability;
      }
    }
    expect(sum).toBeCloseTo(1, 10);
    // Draws come as often as the density says.
    const random = generator(5);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 20_000; draw++) {
      const key = combination(space, drawParzen(estimator, random));
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [key, probability] of drawn) {
      expect(Math.abs((counts.get(key) ?? 0) / 20_000 - probability)).toBeLessThan(0.012);
    }
  });
});

/** Best score that a sampler finds of a function, in so many trials. */
function best(sampler: 'tpe' | 'random', seed: number, trials: number): number {
  const search = plan({
    sampler,
    seed,
    trials,
    space: [
      { kind: 'number', path: 'training.learningRate', low: 1e-4, high: 1, logarithmic: true },
      { kind: 'number', path: 'training.labelSmoothing', low: 0, high: 0.5 },
      { kind: 'integer', path: 'training.batchSize', low: 16, high: 512, logarithmic: true },
      { kind: 'choice', path: 'model.initialiser', values: ['he-normal', 'orthogonal', 'lecun-normal'] },
    ],
  });
  const score = (values: Values) =>
    -((Math.log10(Number(values['training.learningRate'])) + 1.7) ** 2) -
    (8 * (Number(values['training.labelSmoothing']) - 0.1)) ** 2 -
    (Math.log2(Number(values['training.batchSize'])) - 6) ** 2 / 4 -
    (values['model.initialiser'] === 'orthogonal' ? 0 : 0.5);
  const tried: Tried[] = [];
  for (let number = 1; number <= trials; number++) {
    const values = proposeValues(search, number, tried);
    tried.push(ended(values, number, score(values)));
  }
  return Math.max(...tried.map((trial) => trial.score!));
}

describe('a search', () => {
  it('by TPE finds better than by chance, over seeds', () => {
    const seeds = Array.from({ length: 10 }, (_, index) => index + 1);
    const pairs = seeds.map((seed) => ({ tpe: best('tpe', seed, 50), random: best('random', seed, 50) }));
    const median = (sampler: 'tpe' | 'random') =>
      pairs.map((pair) => pair[sampler]).sort((a, b) => a - b)[5]!;
    expect(pairs.filter(({ tpe, random }) => tpe > random).length).toBeGreaterThanOrEqual(8);
    expect(-median('tpe')).toBeLessThan(-median('random') / 2);
  });

  const small = {
    space: [
      { kind: 'integer', path: 'training.epochs', low: 1, high: 3 },
      { kind: 'choice', path: 'model.initialiser', values: ['he-normal', 'orthogonal'] },
    ],
  };

  it.each(['grid', 'random', 'tpe'] as const)('by %s tries no combination twice', (sampler) => {
    const search = plan({ ...small, sampler, trials: 20 });
    expect(trialCount(search)).toBe(6);
    const tried: Tried[] = [];
    for (let number = 1; number <= 6; number++)
      tried.push(ended(proposeValues(search, number, tried), number, number));
    expect(new Set(tried.map(({ values }) => combination(search.space, values))).size).toBe(6);
  });

  it.each([
    ['random', { kind: 'integer', path: 'training.epochs', low: 1, high: 2000 }],
    ['tpe', { kind: 'integer', path: 'training.epochs', low: 1, high: 2000 }],
    ['grid', { kind: 'number', path: 'training.learningRate', low: 1, high: 2000, points: 100 }],
  ] as const)('by %s finds the last combination that is left', (sampler, parameter) => {
    const choice = small.space[1]!;
    const search = plan({ sampler, trials: 150, space: [parameter, choice] });
    const all = [...walkCombinations(search.space, () => 0.7, sampler !== 'grid')];
    const names = (values: readonly Values[]) => new Set(values.map((one) => combination(search.space, one)));
    expect(names(all).size).toBe(all.length);
    expect(all.length).toBe(sampler === 'grid' ? 200 : 4000);
    const left = all[137]!;
    const tried = all.filter((values) => values !== left).map((values, index) => ended(values, index + 1, 0));
    expect([1, 2, 3].map((seed) => proposeValues({ ...search, seed }, tried.length + 1, tried))).toEqual([
      left,
      left,
      left,
    ]);
  });

  it('is a function of its plan and what was tried', () => {
    const search = plan({ ...small, sampler: 'random', trials: 5, seed: 3 });
    expect(proposeValues(search, 2, [])).toEqual(proposeValues(search, 2, []));
    const others = [1, 2, 3, 4].map((seed) => proposeValues({ ...search, seed }, 2, []));
    expect(new Set(others.map((values) => combination(search.space, values))).size).toBeGreaterThan(1);
  });

  it('by a grid that is larger than the trials is drawn from all over it', () => {
    const search = plan({
      sampler: 'grid',
      trials: 30,
      space: [
        { kind: 'number', path: 'training.learningRate', low: 0.1, high: 1, points: 10 },
        { kind: 'number', path: 'training.labelSmoothing', low: 0, high: 0.5, points: 11 },
      ],
    });
    const tried: Tried[] = [];
    for (let number = 1; number <= 30; number++)
      tried.push(ended(proposeValues(search, number, tried), number, 0));
    const rates = new Set(tried.map(({ values }) => values['training.learningRate']));
    expect(rates.size).toBeGreaterThan(7);
    for (const rate of rates)
      expect(Math.abs(Number(rate) * 10 - Math.round(Number(rate) * 10))).toBeLessThan(1e-9);
  });

  it('by a grid of any size varies all parameters', () => {
    // 2^60 combinations: a draw of 32 bits for all of them would keep the last four parameters at one value.
    const paths = Array.from({ length: 10 }, (_, index) => `model.layers.${index}.rate`);
    const space = paths.map((path) => ({ kind: 'number' as const, path, low: 0.1, high: 0.9, points: 64 }));
    const search = plan({ sampler: 'grid', trials: 60, space });
    const drawn = Array.from({ length: 60 }, (_, index) => proposeValues(search, index + 1, []));
    for (const { path } of space)
      expect([path, new Set(drawn.map((values) => values[path])).size > 30]).toEqual([path, true]);
  });

  it('ranks finished trials by score, then held ones by how far they came, then failed ones', () => {
    const trial = (number: number, state: Tried['state'], epochs: number, score: number | null): Tried => ({
      number,
      values: {},
      state,
      epochs,
      score,
    });
    const ranked = byMerit([
      trial(1, 'failed', 0, null),
      trial(2, 'held', 3, 0.7),
      trial(3, 'finished', 9, 0.6),
      trial(4, 'held', 1, 0.9),
      trial(5, 'finished', 9, 0.8),
      trial(6, 'held', 3, 0.75),
      trial(7, 'finished', 9, 0.8),
    ]);
    expect(ranked.map(({ number }) => number)).toEqual([5, 7, 3, 6, 2, 4, 1]);
  });
});
