/** The presets for projects of different images: what they choose, and that each is a recipe that can be planned. */
import { describe, expect, test } from 'vitest';
import { Recipe } from './recipe.ts';
import { presets, presetsFor } from './presets.ts';
import { fashionMnist, type ProjectFacts } from './project-facts.ts';
import { summarise } from './summary.ts';

const photographs: ProjectFacts = {
  images: 400,
  classCounts: [70, 66, 66, 66, 66, 66],
  width: 512,
  height: 384,
  colour: true,
  backbones: ['efficientnet-lite0', 'efficientnet-lite2'],
};
const chosen = (facts: ProjectFacts) =>
  Object.fromEntries(presetsFor(facts).map((each) => [each.preset, each]));

test.each([
  ['Fashion-MNIST', fashionMnist],
  ['Fashion-MNIST beside backbones', { ...fashionMnist, backbones: photographs.backbones }],
  ['photographs', photographs],
  ['photographs without a backbone', { ...photographs, backbones: [] }],
  ['10,000 photographs', { ...photographs, images: 10_000 }],
  ['six photographs', { ...photographs, images: 6, classCounts: [3, 3] }],
  ['small colour images', { ...photographs, width: 32, height: 32, images: 5000 }],
  ['tiny images', { ...fashionMnist, width: 8, height: 8 }],
  ['a strip', { ...photographs, width: 4000, height: 20 }],
] as [string, ProjectFacts][])('%s: each preset is a whole recipe within its own budget', (_title, facts) => {
  for (const { recipe, about } of presetsFor(facts)) {
    expect(Recipe.parse(recipe)).toEqual(recipe);
    expect(summarise(recipe, facts.classCounts.length)).toMatchObject({ withinBudget: true });
    expect(about).toMatch(/\.$/);
  }
});

describe('auto', () => {
  test('puts a head on a frozen backbone for photographs, and says so', () => {
    const { recipe, about } = chosen(photographs)['auto']!;
    expect(recipe.model).toMatchObject({ backbone: 'efficientnet-lite0' });
    expect(recipe.preprocessing).toMatchObject({ height: 224, width: 224, channels: 3 });
    expect(recipe.training).toMatchObject({
      frozenLayers: 19,
      cachedViews: 3,
      classWeights: { kind: 'equal' },
    });
    expect(about).toContain('frozen features of EfficientNet-Lite0');
    expect(about).toContain('512 × 384');
  });

  test('keeps one view of many photographs, which take long', () => {
    const { recipe } = chosen({ ...photographs, images: 10_000 })['auto']!;
    expect([recipe.augmentation, recipe.training.cachedViews]).toEqual([[], 1]);
  });

  test.each([
    ['small grey images', { ...fashionMnist, backbones: photographs.backbones }, 28, 1, 'too small'],
    ['small colour images', { ...photographs, width: 32, height: 32 }, 32, 3, 'too small'],
    ['photographs where no backbone is', { ...photographs, backbones: [] }, 64, 3, 'no pre-trained backbone'],
  ] as [string, ProjectFacts, number, 1 | 3, string][])(
    'trains %s from scratch, and says why',
    (_title, facts, side, channels, why) => {
      const { recipe, about } = chosen(facts)['auto']!;
      expect(recipe.model.backbone).toBeNull();
      expect(recipe.preprocessing).toMatchObject({ height: side, width: side, channels });
      expect(about).toContain(why);
    },
  );

  test('weighs rare classes where they are unequal', () => {
    const { recipe, about } = chosen({ ...photographs, classCounts: [300, 100] })['auto']!;
    expect(recipe.training.classWeights).toEqual({ kind: 'balanced' });
    expect(about).toContain('rare ones weigh more');
  });

  test('mirrors nothing that may be a letter', () => {
    expect(chosen(fashionMnist)['auto']!.recipe.augmentation.map(({ kind }) => kind)).toEqual(['crop']);
  });
});

test('fine-tune trains the last blocks, slower the earlier they are; without a backbone there is none', () => {
  const { recipe } = chosen(photographs)['fine-tune']!;
  expect(recipe.training.frozenLayers).toBe(13);
  expect(recipe.training.layerDecay).toBeLessThan(1);
  expect(chosen(fashionMnist)['fine-tune']).toBeUndefined();
});

test('those from scratch are for Fashion-MNIST what they always were', () => {
  const { seed, quick, best } = chosen(fashionMnist);
  for (const [name, each] of Object.entries({ seed, quick, best }))
    expect(each!.recipe, name).toEqual(presets[name as keyof typeof presets].recipe);
});

test('and follow the size, the colours and the number of other images', () => {
  const { quick } = chosen({ ...photographs, width: 32, height: 32 });
  expect(quick!.recipe.preprocessing).toMatchObject({ height: 32, width: 32, channels: 3 });
  expect(quick!.recipe.training.batchSize).toBe(16);
});
