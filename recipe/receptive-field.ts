/**
 * How much of the input each operation of a plan can see. Pure arithmetic on the plan.
 */
import type { Plan } from './operation.ts';
import { factsOf, type Sight } from './operation-facts.ts';

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
    sights.push(
      inputs.some((sight) => sight === null) ? null : factsOf(operation).sees(operation, inputs as Sight[]),
    );
  }
  return sights.map((sight) => sight && sight.side);
}
