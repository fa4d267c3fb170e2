/** What a finding changes of a recipe: that it does, that it is only done once, and that it is said where nothing helps. */
import { describe, expect, it } from 'vitest';
import { withFields } from '#recipe/path.ts';
import { presets } from '#recipe/presets.ts';
import { Recipe } from '#recipe/recipe.ts';
import { needsRemedy, remedyOf } from './finding-recipe.ts';
import { type FactValue, type FindingEntry, type ShortcutFact, shortcutFacts } from './findings.ts';

const { recipe: quick } = presets.quick;
const few: FindingEntry = { measured: 'class', itemIds: [1], classId: 1, images: 1, even: 20 };
const turned = (augmentation: Extract<FindingEntry, { measured: 'augmentation' }>['augmentation']) =>
  ({
    ...{ measured: 'augmentation', itemIds: [1], augmentation, from: 1, to: 2 },
    ...{ images: 40, turned: 12, turnedBack: 1, p: 0.001 },
    each: [{ probability: 0.9, like: 2, similarity: 0.8 }],
  }) satisfies FindingEntry;
const shortcut = (fact: ShortcutFact, ...usual: FactValue[]) =>
  ({
    ...{ measured: 'shortcut', itemIds: [1], fact, accuracy: 0.9, majority: 0.5, p: 0.005 },
    ...{ interval: { low: 0.8, high: 0.95 }, each: [{ classId: 1, value: usual[0] ?? null, share: 1 }] },
    usual: usual.map((value, at) => ({ classId: at + 1, value })),
  }) satisfies FindingEntry;
const flip = turned({ kind: 'horizontal-flip', probability: 1 });

const remedied = (entry: FindingEntry, recipe = quick) => {
  const changed = withFields(recipe, remedyOf(entry)!.fields!);
  // What comes out is a recipe that trains, and does not need the same again.
  expect(Recipe.safeParse(changed).error).toBeUndefined();
  expect(needsRemedy(changed, entry)).toMatch(/already$/);
  return changed;
};

describe('a finding changes the recipe', () => {
  it('to class weights where classes are uneven', () => {
    expect(needsRemedy(quick, few)).toBe(true);
    expect(remedied(few).training.classWeights).toEqual({ kind: 'balanced' });
  });

  it('but not where classes are drawn equally often, or weigh what a person said', () => {
    const training = (changes: object) =>
      Recipe.parse({ ...quick, training: { ...quick.training, ...changes } });
    expect(needsRemedy(training({ sampling: 'balanced' }), few)).toBe(
      'The recipe draws all classes equally often already',
    );
    expect(needsRemedy(training({ classWeights: { kind: 'custom', weights: [1, 3] } }), few)).toBe(
      'The recipe has class weights already',
    );
  });

  it('to one without the augmentation, and says where it is not in it', () => {
    expect(quick.augmentation.map(({ kind }) => kind)).toEqual(['horizontal-flip', 'crop']);
    expect(remedied(flip).augmentation.map(({ kind }) => kind)).toEqual(['crop']);
    expect(remedyOf(flip)).toMatchObject({ label: 'Leave horizontal flip out' });
    const rotation = turned({ kind: 'rotation', probability: 1, degrees: 90 });
    expect(needsRemedy(quick, rotation)).toBe('The recipe trains without it already');
    expect(remedyOf(rotation)!.about).toMatch(
      /^From then on no training image is changed by rotation; RandAugment/,
    );
  });

  it.each<[string, FactValue[], number]>([
    ['as far as the classes are apart', [[50], [120], [90]], 0.3],
    ['by no less than usual', [[100], [104]], 0.2],
    ['by no more than half of the range', [[10], [250]], 0.5],
    ['as usual where nothing is known', [null, null], 0.2],
  ])('to a varied brightness, %s', (_, usual, fraction) => {
    expect(remedied(shortcut('brightness', ...usual)).augmentation.at(-1)).toEqual({
      ...{ kind: 'brightness', probability: 1, fraction },
    });
  });

  it('to one that cuts the border off', () => {
    const border = shortcut('border colour', [200, 0, 0], [0, 200, 0]);
    expect(remedied(border).augmentation.at(-1)).toEqual({
      ...{ kind: 'scale', probability: 1, minimum: 1, maximum: 1.4 },
    });
  });

  it('of the shape by cropping, of the size alone by blur', () => {
    expect(quick.preprocessing.fit).toBe('letterbox');
    expect(remedied(shortcut('size', [64, 64], [96, 64])).preprocessing.fit).toBe('crop');
    const sizes = remedied(shortcut('size', [64, 64], [128, 127]));
    expect(sizes.augmentation.at(-1)).toEqual({ kind: 'blur', probability: 0.3, sigma: 1 });
    expect(sizes.preprocessing).toEqual(quick.preprocessing);
  });

  it('in nothing where nothing helps, and that is said', () => {
    for (const fact of ['file type', 'file date'] as const) {
      expect(remedyOf(shortcut(fact, '.png'))).toMatchObject({ fields: null });
      expect(remedyOf(shortcut(fact, '.png'))!.about).toMatch(/^No change of the recipe .*exclude images/);
      expect(needsRemedy(quick, shortcut(fact, '.png'))).toBe('No change of the recipe helps');
    }
    for (const fact of shortcutFacts) expect(remedyOf(shortcut(fact))!.about).toMatch(/\.$/);
  });
});

it('findings about images one by one change none', () => {
  const dark: FindingEntry = { measured: 'image', itemIds: [1], value: 2, usual: 90, score: 8 };
  expect([remedyOf(dark), needsRemedy(quick, dark)]).toEqual([null, 'Its images are what can be changed']);
});
