/** The estimate against a network counted by hand. */
import { expect, test } from 'vitest';
import { Model } from './model.ts';
import { estimateTrainingBytes } from './memory.ts';
import { planNetwork } from './plan.ts';

const plan = planNetwork(
  Model.parse({ layers: [{ kind: 'conv', filters: 4 }, { kind: 'max-pool' }, { kind: 'flatten' }] }),
  [8, 8, 1],
  3,
);

test('counts the batch, what gradients ask for, gradients on their way, and weights', () => {
  // Conv, norm, ReLU: 256 each. Pool 64, flatten none, dense 3. The two largest again; the input twice.
  const perImage = 2 * 64 + 3 * 256 + 64 + 3 + 2 * 256;
  // 3·3·4, four vectors of 4, and 64·3 + 3: each with its gradient and two slots.
  const weights = 36 + 16 + 195;
  expect(estimateTrainingBytes(plan, 10)).toBe(4 * (10 * perImage + 4 * weights));
});
