/** How many images a network answers about in one call, outside training. Pure arithmetic on the plan. */
import type { Plan } from './operation.ts';
import { product } from './shape.ts';

/** Images of a call where they are small. */
const mostImages = 256;
/** Numbers that the largest map of a batch may hold: 256 MiB of float32. */
const mostNumbers = 2 ** 26;

/**
 * Images that are looked at in one call: 256, and fewer where the largest map of the network would take more than
 * 256 MiB for them. From the plan alone, so that the same recipe gives the same bytes.
 */
export function predictionBatch({ inputShape, operations }: Pick<Plan, 'inputShape' | 'operations'>): number {
  const largest = Math.max(product(inputShape), ...operations.map(({ outputShape }) => product(outputShape)));
  return Math.max(1, Math.min(mostImages, Math.floor(mostNumbers / largest)));
}

/** Images of a call that answers from features, where these are many numbers each; and numbers of a call where they are few. */
const leastAnswered = 256;
const numbersAnswered = 2 ** 22;

/**
 * How many images a head answers to in one call, each call alike: a call costs as much as the answers to hundreds.
 * @param size numbers of an image's features
 */
export function predictedAtOnce(images: number, size: number): number {
  const most = Math.max(leastAnswered, Math.floor(numbersAnswered / size));
  return Math.ceil(images / Math.max(1, Math.ceil(images / most)));
}
