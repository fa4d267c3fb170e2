import { describe, expect, it } from 'vitest';
import { Recipe } from '#recipe/recipe.ts';
import type { Run } from '#contract/run.ts';
import { epochOf } from '#contract/testing.ts';
import { recipeOf } from '../../../state/testing.ts';
import { factRows, insertionLabel, metricRows, recipeRows } from './rows.ts';

const recipe = (training: object = {}) =>
  recipeOf(
    'A',
    {
      optimizer: { kind: 'adam' },
      learningRate: 0.001,
      schedule: { kind: 'constant' },
      batchSize: 64,
      epochs: 5,
      ...training,
    },
    { layers: [{ kind: 'flatten' }] },
    { normalisation: { kind: 'custom', mean: [0.5], std: [0.5] } },
  );
const epoch = (number: number, validationLoss: number) => epochOf(number, { validationLoss });
const run = (id: string, more: Partial<Run> = {}): Run =>
  ({
    id,
    name: id,
    state: 'finished',
    createdAt: '2026-01-01T10:00:00Z',
    finishedAt: null,
    recipe: recipe(),
    engine: null,
    parameters: 1000,
    epochs: [epoch(1, 0.5), epoch(2, 0.7)],
    bestEpoch: 1,
    imagesPerSecond: 10,
    validationAccuracy: 0.9,
    testAccuracy: null,
    testLabels: null,
    ...more,
  }) as Run;

describe('runs side by side', () => {
  const rows = metricRows([run('a'), run('b', { validationAccuracy: 0.92, parameters: 3000 }), run('c')]);
  const row = (name: string) => rows.find((one) => one.name === name)?.cells;

  it('are measured by the first', () => {
    expect(
      row('Validation accuracy')!.map(({ difference, better, best }) => [difference, better, best]),
    ).toEqual([
      [null, null, false],
      ['+2.00', true, true],
      ['±0.00', null, false],
    ]);
    expect(row('Parameters')!.map(({ words, difference, better }) => [words, difference, better])).toEqual([
      ['1,000', null, null],
      ['3,000', '+2,000', false],
      ['1,000', '±0', null],
    ]);
  });
  it('are read at their best epoch, and leave out what none of them has', () => {
    expect(row('Validation loss')!.map(({ words }) => words)).toEqual(['0.5', '0.5', '0.5']);
    expect(row('Test accuracy')).toBeUndefined();
    expect(row('Top-k accuracy')).toBeUndefined();
  });
  it('say on what they were made', () => {
    expect(factRows([run('a')]).find(({ name }) => name === 'Engine')?.values).toEqual(['–']);
  });
});

describe('recipes side by side', () => {
  it('show only what differs, with the first one’s value for all that do not', () => {
    const rows = recipeRows([
      run('a'),
      run('b', { recipe: recipe({ learningRate: 0.01 }) }),
      run('c', { recipe: recipe({ batchSize: 32 }) }),
    ]);
    expect(rows).toEqual([
      { path: 'training.learningRate', values: [0.001, 0.01, 0.001] },
      { path: 'training.batchSize', values: [64, 64, 32] },
    ]);
    expect(recipeRows([run('a'), run('b')])).toEqual([]);
  });
  it('call what is put in by its neighbour in the first one', () => {
    const flatten = { kind: 'flatten' };
    const of = (layers: unknown[]) => Recipe.parse({ ...recipe(), model: { layers } });
    const rows = recipeRows([
      run('a', { recipe: of([{ kind: 'conv', filters: 8 }, flatten]) }),
      run('b', { recipe: of([{ kind: 'dense', units: 4 }, flatten]) }),
      run('c', { recipe: of([{ kind: 'batch-norm' }, { kind: 'conv', filters: 8 }, flatten]) }),
    ]);
    expect(rows.map(({ path }) => insertionLabel(path))).toEqual([null, 'Added before layer 1']);
    expect(rows[0]!.values.map((value) => (value as { kind: string }).kind)).toEqual([
      'conv',
      'dense',
      'conv',
    ]);
    expect(insertionLabel('augmentation.+2:2')).toBe('Added after augmentation 2');
  });
});
