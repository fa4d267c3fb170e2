import { describe, expect, it } from 'vitest';
import { Augmentation } from '#recipe/augmentation.ts';
import { Layer } from '#recipe/layer.ts';
import { ClassWeights, Loss, Optimizer, Schedule } from '#recipe/training.ts';
import { bounds, kindBounds } from './bounds.ts';
import { augmentationGroups, augmentationRefusal, augmentationWords } from './words/augmentations.ts';
import type { AnyKindWords } from './words/field.ts';
import { layerGroups, layersFromFiles, layerWords } from './words/layers.ts';
import { settingWords } from './words/settings.ts';
import { classWeightWords, lossWords, optimizerWords, scheduleWords } from './words/training.ts';

const tables = {
  augmentation: [Augmentation, augmentationWords],
  layer: [Layer, layerWords],
  optimizer: [Optimizer, optimizerWords],
  schedule: [Schedule, scheduleWords],
  loss: [Loss, lossWords],
  'class weights': [ClassWeights, classWeightWords],
} as const;

const kinds = Object.entries(tables).flatMap(([table, [schema, words]]) =>
  Object.entries<AnyKindWords>(words).map(([kind, one]) => ({ table, kind, schema, words: one })),
);

describe('words of the recipe', () => {
  it.each(kinds)('$table $kind starts valid, and has words for what it starts with', (one) => {
    const { start, fields } = one.words;
    expect(one.schema.parse(start)).toEqual(start);
    expect(start.kind).toBe(one.kind);
    expect(Object.keys(fields).sort()).toEqual(
      Object.keys(start)
        .filter((key) => key !== 'kind')
        .sort(),
    );
  });

  it('put each augmentation and each layer in one group of the menu', () => {
    expect(augmentationGroups.flatMap((group) => group.kinds).sort()).toEqual(
      Object.keys(augmentationWords).sort(),
    );
    expect([...layersFromFiles, ...layerGroups.flatMap((group) => group.kinds)].sort()).toEqual(
      Object.keys(layerWords).sort(),
    );
  });

  it('are sentences', () => {
    for (const { label, help } of Object.values(settingWords)) {
      expect(label).toMatch(/^[A-Z].*[^.]$/);
      expect(help.length).toBeGreaterThan(0);
    }
    for (const { words } of kinds) expect(words.about).toMatch(/^[A-Z].*\.$/);
  });

  it('refuse colour jitter on grey images', () => {
    expect(augmentationRefusal('colour-jitter', 1)).toContain('colour');
    expect(augmentationRefusal('colour-jitter', 3)).toBeNull();
    expect(augmentationRefusal('blur', 1)).toBeNull();
  });
});

describe('bounds', () => {
  it('are those of the contract, through defaults and nulls', () => {
    expect(bounds.training.learningRate).toEqual({ min: 0, aboveMin: true, max: 100 });
    expect(bounds.training.epochs).toEqual({ min: 1, max: 10_000, whole: true });
    expect(bounds.training.weightAveraging).toEqual({ min: 0, max: 0.99999 });
    expect(bounds.training.gradientClipping).toEqual({ min: 0, aboveMin: true, max: 1000 });
    expect(bounds.patience).toEqual({ min: 1, max: 1000, whole: true });
    expect(kindBounds.layer.conv?.kernel).toEqual({ min: 1, max: 11, whole: true });
    expect(kindBounds.layer.residual?.squeezeExcite).toEqual({ min: 1, max: 64, whole: true });
    expect(kindBounds.augmentation.crop?.padding).toEqual({ min: 1, max: 64, whole: true });
    expect(kindBounds.layer.residual?.preActivation).toEqual({});
  });
});
