/**
 * Too little memory, as an error that says what to try. Pure, so that the studio can say it of a worker that the
 * system has killed as well. Loads no engine.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Recipe } from '#recipe/recipe.ts';
import { estimateTrainingBytes } from '#recipe/memory.ts';
import { planOf } from '#recipe/plan.ts';

/** What engines, Node and the loader say where memory is out: TensorFlow, its allocator, C++, V8, WebGPU, WebAssembly. */
const wordings =
  /RESOURCE_EXHAUSTED|OOM when allocating|bad_alloc|allocation failed|out of memory|cannot (allocate|enlarge) memory/i;

/** Whether a program's words are those of one that had too little memory. */
export const saysOutOfMemory = (text: string): boolean => wordings.test(text);

/** Whether it says so, in its code or in the words of what threw it. */
export function isOutOfMemory(error: unknown): boolean {
  if (error instanceof AtelierError) return error.code === 'OUT_OF_MEMORY';
  return error instanceof Error && saysOutOfMemory(error.message);
}

/**
 * The error for a training that ran out of memory, with a batch size that needs about half as much: what a step holds
 * of every layer for its gradients grows with the batch, weights and optimizer do not.
 * @param classCount of the network's answers
 * @param trainingImages a batch is never more than these (batches.ts), whatever the recipe says
 */
export function outOfMemory(
  recipe: Recipe,
  classCount: number,
  trainingImages: number,
  cause?: unknown,
): AtelierError {
  const batchSize = Math.max(1, Math.min(recipe.training.batchSize, trainingImages));
  const plan = planOf(recipe, classCount);
  const needed = (images: number) => estimateTrainingBytes(plan, images);
  const suggested = batchSize > 1 ? 2 ** Math.floor(Math.log2(batchSize / 2)) : null;
  const advice =
    suggested === null
      ? 'Use smaller images, or fewer filters in the first layers.'
      : `Try a batch size of ${suggested} (about ${inWords(needed(suggested))}), smaller images, or fewer filters in the first layers.`;
  return new AtelierError(
    'OUT_OF_MEMORY',
    `Training expected more memory than this machine has free: a step of ${batchSize} images takes about ${inWords(needed(batchSize))}, beside the engine and the images. ${advice} Close other programs if they hold much.`,
    { batchSize, suggestedBatchSize: suggested, estimatedBytes: needed(batchSize) },
    cause === undefined ? {} : { cause },
  );
}

/**
 * The error for images that do not fit in the engine's memory, where they lie from the first step to the last: no batch
 * is to blame.
 * @param images all that are kept, of `pixels` bytes
 */
export function imagesOutOfMemory(images: number, pixels: number, cause: unknown): AtelierError {
  return new AtelierError(
    'OUT_OF_MEMORY',
    `Training expected memory for all ${images} images at once, ${inWords(pixels)}, which this machine does not have free. Use smaller images or fewer of them, or close other programs; another batch size changes nothing.`,
    { images, estimatedBytes: pixels, suggestedBatchSize: null },
    { cause },
  );
}

const inWords = (bytes: number) =>
  bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

/** An error of training as it is told: with a batch size to try where memory ran out, else, and where that is told already, as it is. */
export const asOutOfMemory = (
  error: unknown,
  recipe: Recipe,
  classCount: number,
  trainingImages: number,
): unknown =>
  isOutOfMemory(error) && !isTold(error) ? outOfMemory(recipe, classCount, trainingImages, error) : error;

const isTold = (error: unknown): boolean =>
  error instanceof AtelierError && Object.hasOwn(error.details, 'suggestedBatchSize');
