/**
 * What networks of many kinds took on two cores of an AMD EPYC with AVX2: seconds of both processors, halved, since the machine
 * was shared. Measured with `npm run bench:step-costs`, which measures them again. A table of data for it and for tests.
 */
import { defineBackbone } from '#learning/backbones/definition.ts';
import { backboneStart } from '#recipe/auto-recipe.ts';
import type { PublishedBackbone } from '#recipe/backbone-name.ts';
import { presets } from '#recipe/presets.ts';
import { Recipe } from '#recipe/recipe.ts';

export interface MeasuredCost {
  recipe: Recipe;
  /** Of the validation part, and as many trained. */
  images: number;
  /** Seconds: a step, the answers to all images, the features of one; null where nothing is kept. */
  step: number;
  answers: number;
  feature: number | null;
}

/** A preset's network on images of another size. */
export function scratch(
  name: keyof typeof presets,
  side: number,
  channels: 1 | 3,
  batchSize: number,
): Recipe {
  const { recipe } = presets[name];
  return {
    ...recipe,
    name: `${name} ${side}×${side}×${channels}, batch ${batchSize}`,
    preprocessing: { ...recipe.preprocessing, height: side, width: side, channels },
    training: { ...recipe.training, batchSize },
  };
}

/** @param open layers of the backbone that learn */
function onBackbone(name: PublishedBackbone, open: number, batchSize: number): Recipe {
  const { layers, frozenLayers, parameterBudget, preprocessing } = backboneStart(defineBackbone(name)!);
  return Recipe.parse({
    format: 'atelier-recipe/2',
    name: `${name}, ${open === Infinity ? 'all' : open} layers learn, batch ${batchSize}`,
    preprocessing: { ...preprocessing, fit: 'crop' },
    augmentation: [],
    model: { backbone: name, layers, parameterBudget },
    training: {
      ...{ optimizer: { kind: 'adamw' }, learningRate: 1e-3, schedule: { kind: 'constant' } },
      ...{ batchSize, epochs: 10_000, frozenLayers: Math.max(0, frozenLayers - open) },
    },
  });
}

const rows: [recipe: Recipe, images: number, step: number, answers: number, feature: number | null][] = [
  [scratch('quick', 28, 1, 128), 128, 0.08137, 0.04212, null],
  [scratch('quick', 28, 1, 32), 64, 0.02767, 0.04151, null],
  [scratch('quick', 28, 1, 8), 64, 0.01017, 0.03628, null],
  [scratch('quick', 28, 1, 512), 512, 0.2848, 0.07054, null],
  [scratch('quick', 64, 3, 128), 128, 0.36979, 0.17362, null],
  [scratch('quick', 32, 3, 64), 64, 0.04755, 0.04673, null],
  [scratch('seed', 28, 1, 128), 128, 0.06648, 0.03179, null],
  [scratch('seed', 64, 3, 32), 64, 0.09108, 0.17924, null],
  [scratch('best', 28, 1, 128), 128, 0.08398, 0.04053, null],
  [scratch('best', 32, 3, 32), 64, 0.03006, 0.05483, null],
  [onBackbone('efficientnet-lite0', 0, 32), 64, 0.00056, 0.00035, 0.00937],
  [onBackbone('efficientnet-lite0', 0, 128), 128, 0.0012, 0.0005, 0.00931],
  [onBackbone('efficientnet-lite0', 6, 32), 64, 0.26836, 0.13445, 0.00751],
  [onBackbone('efficientnet-lite0', 3, 128), 128, 0.34226, 0.08857, 0.00974],
  [onBackbone('efficientnet-lite0', 12, 16), 64, 0.33365, 0.28784, 0.00488],
  [onBackbone('efficientnet-lite0', Infinity, 16), 64, 0.73226, 1.02558, null],
  [onBackbone('efficientnet-lite2', 0, 32), 64, 0.00054, 0.00029, 0.0195],
  [onBackbone('efficientnet-lite2', 6, 32), 64, 0.41234, 0.20119, 0.01636],
];
export const measuredCosts: readonly MeasuredCost[] = rows.map(
  ([recipe, images, step, answers, feature]) => ({ recipe, images, step, answers, feature }),
);
