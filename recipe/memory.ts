/**
 * How much memory a training step needs, estimated from the plan alone: for the advice when memory runs out.
 * Pure arithmetic. Measuring what is free, and saying so to a person, is left to the floors above.
 */
import type { Operation, Plan } from './operation.ts';
import { product } from './shape.ts';
import { countParameters } from './plan.ts';

const bytesPerNumber = 4;
/** Numbers that an optimizer remembers of each weight: 2 of Adam, 1 of SGD with momentum; rather too high. */
const slots = 2;

/** Maps as large as its output that an operation keeps until its gradient is worked out. */
function kept(operation: Operation): number {
  switch (operation.kind) {
    case 'flatten':
      return 0; // The same numbers under another shape.
    case 'layer-norm':
      return 2; // What is standardised, and scaled.
    case 'dropout':
      return operation.rate === 0 ? 0 : 2; // The mask too.
    case 'spatial-dropout':
      return operation.rate === 0 ? 0 : 1;
    case 'activation':
      switch (operation.activation) {
        case 'linear':
          return 0;
        case 'relu':
        case 'relu6':
        case 'leaky-relu':
        case 'elu':
        case 'sigmoid':
        case 'hard-sigmoid':
          return 1;
        case 'silu':
        case 'hard-swish':
          return 2;
        case 'mish':
          return 3;
        case 'gelu':
          return 4;
        default:
          return operation.activation satisfies never;
      }
    case 'conv':
    case 'depthwise-conv':
      return operation.bias ? 2 : 1;
    case 'batch-norm':
    case 'max-pool':
    case 'average-pool':
    case 'global-average-pool':
    case 'dense':
    case 'add':
    case 'multiply':
    case 'concatenate':
      return 1;
    default:
      return operation satisfies never;
  }
}

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
  const activations = plan.operations.reduce((sum, operation, i) => sum + kept(operation) * sizes[i]!, 0);
  const [first = 0, second = 0] = [...sizes].sort((a, b) => b - a);
  const perImage = 2 * product(plan.inputShape) + activations + first + second;
  return bytesPerNumber * (batchSize * perImage + (2 + slots) * countParameters(plan.weights));
}
