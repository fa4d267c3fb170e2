/** The reference against what was measured: networks of many kinds, sizes and batches, frozen here and there. */
import { expect, it } from 'vitest';
import { Recipe } from '#recipe/recipe.ts';
import { defineBackbone } from '#learning/backbones/definition.ts';
import { backboneStart } from '#recipe/auto-recipe.ts';
import { presets } from '#recipe/presets.ts';
import { trainingCosts } from './costs.ts';
import { type MeasuredCost, measuredCosts } from './measured-costs.ts';

const within = 1.5;

function recipeOf(row: MeasuredCost): Recipe {
  const { batch } = row;
  if ('preset' in row) {
    const { recipe } = presets[row.preset];
    const { side, channels } = row;
    return {
      ...recipe,
      preprocessing: { ...recipe.preprocessing, height: side, width: side, channels },
      training: { ...recipe.training, batchSize: batch },
    };
  }
  const { layers, frozenLayers, parameterBudget, preprocessing } = backboneStart(
    defineBackbone(row.backbone)!,
  );
  return Recipe.parse({
    format: 'atelier-recipe/2',
    name: row.backbone,
    preprocessing,
    augmentation: [],
    model: { backbone: row.backbone, layers, parameterBudget },
    training: {
      ...{ optimizer: { kind: 'adamw' }, learningRate: 1e-3, schedule: { kind: 'constant' }, epochs: 1 },
      batchSize: batch,
      frozenLayers: row.open === null ? 0 : frozenLayers - row.open,
    },
  });
}

const nameOf = (row: MeasuredCost) =>
  'preset' in row
    ? `${row.preset} ${row.side}×${row.side}×${row.channels}, batch ${row.batch}`
    : `${row.backbone}, ${row.open ?? 'all'} layers learn, batch ${row.batch}`;

it.each(measuredCosts.map((row) => [nameOf(row), row] as const))('%s', (_, row) => {
  const counts = { train: row.images, validation: row.images, test: 0 };
  const { step, answers, feature } = trainingCosts(recipeOf(row), 6, counts, 0);
  const holds = (stated: number, measured: number) => {
    expect(stated / measured).toBeLessThan(within);
    expect(stated / measured).toBeGreaterThan(1 / within);
  };
  // What takes a millisecond is mostly what a loop has around it, which the bench has not.
  if (row.step > 0.005) holds(step.seconds, row.step);
  if (row.answers > 0.005) holds(answers(row.images).seconds, row.answers);
  expect(feature === null).toBe(row.feature === null);
  if (feature && row.feature !== null) holds(feature.seconds, row.feature);
});
