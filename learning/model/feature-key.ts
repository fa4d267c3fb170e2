/** What features of an image depend on beside its pixels, as one digest: two networks with the same share what is kept. Pure. */
import { createHash } from 'node:crypto';
import type { Augmentation } from '#recipe/augmentation.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { changesOfViews } from '#recipe/views.ts';
import type { Weights } from './network.ts';
import type { Plan } from '#recipe/operation.ts';
import type { Normalisation } from '#recipe/check-normalisation.ts';

/**
 * Digest of the first `count` operations, their weights and the normalisation.
 * @param weights at least those of these operations
 */
export function featureKey(
  { operations, weights: planned }: Plan,
  normalisation: Normalisation,
  count: number,
  weights: Weights,
): string {
  const first = operations.slice(0, count);
  const names = new Set(first.flatMap((operation) => operation.weights.map(({ name }) => name)));
  const hash = createHash('sha256').update(JSON.stringify([first, normalisation]));
  for (const { name } of planned) {
    if (!names.has(name)) continue;
    const { buffer, byteOffset, byteLength } = weights.get(name)!;
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

/** One way to look at an image before its features are computed. */
export interface View {
  augmentation: readonly Augmentation[];
  /** int32 [2]: other seeds, other draws. */
  seed: [number, number];
}

/** The views of a training image that are kept, in their order; null is the image as it is. */
export function viewsOf(recipe: Pick<Recipe, 'augmentation' | 'training'>, views: number): (View | null)[] {
  const augmentation = changesOfViews(recipe);
  return Array.from({ length: views }, (_, view) =>
    augmentation.length === 0 ? null : { augmentation, seed: [recipe.training.seed, (view + 1) * 0x100000] },
  );
}

/** Counted up where an augmentation and a seed show something else than before. */
const augmentationVersion = 2;

/** The key of a view. @param base that `featureKey` gave */
export const viewKey = (base: string, view: View | null): string =>
  view
    ? createHash('sha256')
        .update(JSON.stringify([base, view, augmentationVersion]))
        .digest('hex')
    : base;
