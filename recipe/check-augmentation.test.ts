/** What a recipe is refused for, in words that say what to do; and that the summary refuses it. */
import { describe, expect, test } from 'vitest';
import type { Augmentation } from './augmentation.ts';
import { Recipe } from './recipe.ts';
import { presets } from './presets.ts';
import { summarise } from './summary.ts';
import { checkAugmentation } from './check-augmentation.ts';

const preset = presets.seed.recipe;
function recipe(augmentation: Augmentation[], change: { channels?: 1 | 3; batchSize?: number } = {}): Recipe {
  return Recipe.parse({
    ...preset,
    augmentation,
    preprocessing: { ...preset.preprocessing, height: 20, width: 32, channels: change.channels ?? 1 },
    training: { ...preset.training, batchSize: change.batchSize ?? 32 },
  });
}

const refused: [Augmentation, string, { batchSize?: number }?][] = [
  [
    { kind: 'colour-jitter', probability: 1, hue: 0.1, saturation: 0.1 },
    'Augmentation 2, colour-jitter: images of 3 channels were expected, whose colour it changes, but the recipe makes images grey. Set preprocessing.channels to 3, or use brightness and contrast.',
  ],
  [
    { kind: 'crop', probability: 1, padding: 20 },
    "Augmentation 2, crop: padding was expected to be less than the image's shorter side of 20 pixels, received 20; nothing of the image might be left. Take an eighth of the side or less.",
  ],
  [
    { kind: 'random-erasing', probability: 1, minimum: 0.4, maximum: 0.2 },
    'Augmentation 2, random-erasing: minimum was expected to be at most maximum, received 0.4 and 0.2. Exchange them.',
  ],
  [
    { kind: 'mixup', probability: 1, alpha: 1 },
    'Augmentation 2, mixup: another image of the batch was expected to mix with, but training.batchSize is 1. Make it 2 or more.',
    { batchSize: 1 },
  ],
];

describe.each(refused)('%o', (settings, message, change) => {
  test('is refused where it cannot work', () => {
    const bad = recipe([{ kind: 'horizontal-flip', probability: 0.5 }, settings], change);
    expect(() => checkAugmentation(bad)).toThrow(
      expect.objectContaining({
        code: 'RECIPE_INVALID',
        message,
        details: { place: 2, kind: settings.kind },
      }),
    );
    expect(() => summarise(bad, 10)).toThrow(message);
  });
});

test('what can work is taken: mixing before an image kind, colour on three channels, bounds that are equal', () => {
  const list: Augmentation[] = [
    { kind: 'cutmix', probability: 1, alpha: 1 },
    { kind: 'colour-jitter', probability: 1, hue: 0.1, saturation: 0.1 },
    { kind: 'crop', probability: 1, padding: 19 },
    { kind: 'random-erasing', probability: 1, minimum: 0.2, maximum: 0.2 },
  ];
  expect(() => checkAugmentation(recipe(list, { channels: 3 }))).not.toThrow();
  for (const { recipe: ready } of Object.values(presets))
    expect(() => checkAugmentation(ready)).not.toThrow();
});
