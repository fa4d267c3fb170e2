/**
 * How much of the input each operation of a plan can see. Pure arithmetic on the plan.
 */
import type { Operation, Plan } from './operation.ts';

/** Side of the square that one value sees, and pixels of the input between two neighbouring values. */
interface Sight {
  side: number;
  jump: number;
}

/**
 * Side, in pixels of the input, of the square that one value of an operation's output depends on: the theoretical
 * receptive field, which may reach beyond the border (Araujo et al. 2019). Null from where a value sees all:
 * flatten, global pooling, dense, and what squeeze-and-excitation has weighed. Of two paths, the wider counts.
 * @returns one for each operation, in the plan's order
 */
export function receptiveFields({ operations }: Plan): (number | null)[] {
  const sights: (Sight | null)[] = [];
  for (const operation of operations) {
    const inputs = operation.inputs.map((index) => (index < 0 ? { side: 1, jump: 1 } : sights[index]!));
    sights.push(inputs.some((sight) => sight === null) ? null : see(operation, inputs as Sight[]));
  }
  return sights.map((sight) => sight && sight.side);
}

function see(operation: Operation, inputs: Sight[]): Sight | null {
  const { side, jump } = inputs[0]!;
  switch (operation.kind) {
    case 'conv':
    case 'depthwise-conv':
      return { side: side + (operation.kernel - 1) * jump, jump: jump * operation.stride };
    case 'max-pool':
    case 'average-pool':
      return { side: side + (operation.size - 1) * jump, jump: jump * (operation.stride ?? operation.size) };
    case 'global-average-pool':
    case 'flatten':
    case 'dense':
      return null;
    case 'add':
    case 'multiply':
    case 'concatenate':
      return { side: Math.max(...inputs.map((input) => input.side)), jump };
    case 'batch-norm':
    case 'layer-norm':
    case 'activation':
    case 'dropout':
    case 'spatial-dropout':
      return { side, jump };
    default:
      return operation satisfies never;
  }
}
