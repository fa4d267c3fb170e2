/**
 * How much each class weighs in the loss, as plain numbers. What they do to the loss is losses.ts.
 */
import { AtelierError } from '#contract/errors.ts';
import type { ClassWeights } from './loss.ts';
import type { Training } from './training.ts';

/** Whether a training on unequal classes looks at large and small ones as they come: neither weights nor drawing evens them out. */
export const takesClassesAsTheyCome = ({
  classWeights,
  sampling,
}: Pick<Training, 'classWeights' | 'sampling'>): boolean =>
  classWeights.kind === 'equal' && sampling !== 'balanced';

/**
 * Whether given weights can weigh these classes. Pure, so that the studio process can ask before a run starts.
 * @throws RECIPE_INVALID where they are not one a class, or none of them is above 0
 */
export function checkClassWeights(classWeights: ClassWeights, classCount: number): void {
  if (classWeights.kind !== 'custom') return;
  const { weights } = classWeights;
  if (weights.length !== classCount) {
    throw new AtelierError(
      'RECIPE_INVALID',
      `Class weights expect one number for each of the ${classCount} classes that have images, received ${weights.length}. Give ${classCount}, or choose equal or balanced weights.`,
      { expected: classCount, received: weights.length },
    );
  }
  if (weights.every((weight) => weight === 0)) throw allZero();
}

/**
 * Weights of mean 1 over the images that training draws (each class counted once an image, or equally often where
 * sampling is balanced), so that they change what the loss looks at and not how large it is: weights that are all
 * equal change nothing, whatever they are. Balanced weights even out what is drawn: with balanced sampling, which has
 * done so already, they are all equal.
 * @param labels class index of every image
 * @param indices of the training images
 * @returns one a class; 0 for a class without training images; null where all weigh alike
 * @throws RECIPE_INVALID where given weights are not one a class, or none of them is above 0
 */
export function resolveClassWeights(
  { classWeights, sampling }: Pick<Training, 'classWeights' | 'sampling'>,
  labels: ArrayLike<number>,
  indices: ArrayLike<number>,
  classCount: number,
): Float32Array | null {
  if (classWeights.kind === 'equal') return null;
  checkClassWeights(classWeights, classCount);
  const counts = new Array<number>(classCount).fill(0);
  for (let place = 0; place < indices.length; place += 1) counts[labels[indices[place]!]!]! += 1;
  const present = counts.filter((count) => count > 0).length;
  const drawn = counts.map((count) =>
    sampling === 'balanced' ? Number(count > 0) / present : count / indices.length,
  );

  // The inverse of `drawn`, not by dividing twice: its bytes are those of all runs so far.
  const inverse = counts.map((count) =>
    count === 0 ? 0 : sampling === 'balanced' ? present : indices.length / count,
  );
  const raw =
    classWeights.kind === 'balanced'
      ? inverse
      : classWeights.weights.map((weight, index) => (counts[index]! > 0 ? weight : 0));
  const mean = raw.reduce((sum, weight, index) => sum + weight * drawn[index]!, 0);
  if (mean === 0) throw allZero();
  const weights = Float32Array.from(raw, (weight) => weight / mean);
  const ofPresent = weights.filter((_, index) => counts[index]! > 0);
  return ofPresent.every((weight) => weight === ofPresent[0]) ? null : weights;
}

const allZero = () =>
  new AtelierError(
    'RECIPE_INVALID',
    'Class weights expect at least one class with training images to weigh more than 0, received 0 for all of them. Give one a weight above 0, or weigh all equally.',
  );
