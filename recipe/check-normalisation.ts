/**
 * Means and deviations that a recipe gives, and whether they go with the channels, which the schema of neither alone can say. It is no part of
 * the recipe's schema, so that runs of before, whose superfluous numbers were not looked at, can still be read.
 * Pure, so that the studio process can ask.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Preprocessing } from './preprocessing.ts';

/** @throws RECIPE_INVALID with the field's path */
export function checkNormalisation({
  normalisation,
  channels,
}: Pick<Preprocessing, 'normalisation' | 'channels'>): void {
  if (normalisation.kind === 'measured') return;
  for (const field of ['mean', 'std'] as const) {
    const { length } = normalisation[field];
    if (length === 1 || length === channels) continue;
    const expected =
      channels === 1
        ? 'one number for the one channel'
        : `one number for all channels or ${channels}, one for each`;
    throw new AtelierError(
      'RECIPE_INVALID',
      `The normalisation's ${field} expects ${expected}, received ${length}. Give ${channels === 1 ? '1' : `1 or ${channels}`}, or have it measured.`,
      { path: `preprocessing.normalisation.${field}`, expected: channels, received: length },
    );
  }
}

/** One number per channel each. */
export interface Normalisation {
  mean: number[];
  std: number[];
}

/** What the recipe gives; null where it is to be measured. @throws RECIPE_INVALID with the field's path */
export function givenNormalisation(
  preprocessing: Pick<Preprocessing, 'normalisation' | 'channels'>,
): Normalisation | null {
  const { normalisation, channels } = preprocessing;
  if (normalisation.kind === 'measured') return null;
  checkNormalisation(preprocessing);
  const perChannel = (values: number[]) =>
    Array.from({ length: channels }, (_, channel) => (values.length === 1 ? values[0]! : values[channel]!));
  return { mean: perChannel(normalisation.mean), std: perChannel(normalisation.std) };
}
