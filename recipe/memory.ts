/**
 * How much memory a training step needs, estimated from the plan alone: for the advice when memory runs out.
 * Pure arithmetic. Measuring what is free, and saying so to a person, is left to the floors above.
 */
import type { Plan } from './operation.ts';
import { factsOf } from './operation-facts.ts';
import { product } from './shape.ts';
import { countParameters } from './plan.ts';

const bytesPerNumber = 4;
/** Numbers that an optimizer remembers of each weight: 2 of Adam, 1 of SGD with momentum; rather too high. */
const slots = 2;

/**
 * Bytes that a step of training holds at once: the batch itself twice (as read and as normalised), every value that
 * a gradient will ask for, the two largest maps again (the gradients on their way), and for each weight itself, its
 * gradient and what the optimizer remembers. An estimate, made to be rather too high than too low (about one and a
 * half times what TensorFlow took on a CPU): a graph optimiser may work in place, and a convolution may want room of
 * its own; neither the images kept in memory nor the engine
 * itself (some hundreds of megabytes) is in it.
 */
export function estimateTrainingBytes(plan: Plan, batchSize: number): number {
  const sizes = plan.operations.map(({ outputShape }) => product(outputShape));
  const activations = plan.operations.reduce(
    (sum, operation, i) => sum + factsOf(operation).kept(operation) * sizes[i]!,
    0,
  );
  const [first = 0, second = 0] = [...sizes].sort((a, b) => b - a);
  const perImage = 2 * product(plan.inputShape) + activations + first + second;
  return bytesPerNumber * (batchSize * perImage + (2 + slots) * countParameters(plan.weights));
}
