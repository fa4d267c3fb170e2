/** Given means and deviations: one for all channels, or one for each, and nothing else; asked before anything is made. */
import { expect, test } from 'vitest';
import { checkNormalisation } from './check-normalisation.ts';
import { presets } from './presets.ts';
import { summarise } from './summary.ts';

const given = (channels: 1 | 3, mean: number[], std: number[]) => ({
  channels,
  normalisation: { kind: 'custom' as const, mean, std },
});
const half = (length: number) => new Array<number>(length).fill(0.5);

test.each([
  [1, 1, 1],
  [3, 1, 1],
  [3, 3, 1],
  [3, 1, 3],
  [3, 3, 3],
] as const)('of %i channels, %i means and %i deviations will do', (channels, means, deviations) => {
  expect(() => checkNormalisation(given(channels, half(means), half(deviations)))).not.toThrow();
});

test.each([
  [
    given(3, half(2), half(3)),
    'preprocessing.normalisation.mean',
    "The normalisation's mean expects one number for all channels or 3, one for each, received 2. Give 1 or 3, or have it measured.",
  ],
  [
    given(1, half(1), half(3)),
    'preprocessing.normalisation.std',
    "The normalisation's std expects one number for the one channel, received 3. Give 1, or have it measured.",
  ],
])('another count is refused: %j', (preprocessing, path, message) => {
  const refusal = expect.objectContaining({
    code: 'RECIPE_INVALID',
    message,
    details: expect.objectContaining({ path }) as object,
  }) as object;
  expect(() => checkNormalisation(preprocessing)).toThrow(refusal);
  const { recipe } = presets.quick;
  expect(() =>
    summarise({ ...recipe, preprocessing: { ...recipe.preprocessing, ...preprocessing } }, 10),
  ).toThrow(refusal);
});

test('channels that are measured need no numbers', () => {
  expect(() => checkNormalisation({ channels: 3, normalisation: { kind: 'measured' } })).not.toThrow();
});
