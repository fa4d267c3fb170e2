/** The optimizers that a recipe can name. Their arithmetic is learning/training. */
import * as z from 'zod';
import { field, kind } from './field.ts';

const decayRate = z.number().min(0).max(0.99999);

const beta1 = field(decayRate.default(0.9), {
  label: 'Beta 1',
  help: 'Decay of the gradient’s running mean (β₁).',
  also: 'momentum, betas',
  step: 0.01,
});
const beta2 = (initial: number, help = 'Decay of the squared gradient’s running mean (β₂).') =>
  field(decayRate.default(initial), { label: 'Beta 2', help, also: 'betas', step: 0.001 });
/** float32 has a much smaller one as 0, and 0/0 where a gradient is 0. */
const epsilon = field(z.number().min(1e-30).default(1e-7), {
  label: 'Epsilon',
  help: 'Added to the denominator, which must not be zero.',
  also: 'eps',
  logarithmic: true,
  span: [1e-9, 1e-3],
});
const momentum = (initial: number) =>
  field(decayRate.default(initial), {
    label: 'Momentum',
    help: 'Fraction of the last step that is kept.',
    step: 0.01,
  });
const nesterov = field(z.boolean().default(true), {
  label: 'Nesterov momentum',
  help: 'Takes the gradient one step ahead.',
  also: 'NAG',
});

export const Optimizer = z.discriminatedUnion('kind', [
  kind('sgd', {
    label: 'SGD with momentum',
    help: 'Plain and hard to beat at a well-chosen rate. Rates near 0.1.',
    also: 'stochastic gradient descent',
    fields: { momentum: momentum(0.9), nesterov },
  }),
  /** Kingma and Ba 2014. */
  kind('adam', {
    label: 'Adam',
    help: 'Learns quickly at almost any rate. Rates near 0.001.',
    fields: { beta1, beta2: beta2(0.999), epsilon },
  }),
  /** Loshchilov and Hutter 2017. */
  kind('adamw', {
    label: 'AdamW',
    help: 'Adam with weight decay apart from the gradient. Rates near 0.001.',
    also: 'decoupled weight decay',
    fields: { beta1, beta2: beta2(0.999), epsilon },
  }),
  /** Hinton 2012. */
  kind('rmsprop', {
    label: 'RMSprop',
    help: 'Divides by a running size of the gradient. Rates near 0.001.',
    fields: {
      decay: field(decayRate.default(0.9), {
        label: 'Decay',
        help: 'Of the squared gradient’s running mean (ρ).',
        also: 'rho, alpha',
        step: 0.01,
      }),
      momentum: momentum(0),
      epsilon,
    },
  }),
  /** Duchi et al. 2011. */
  kind('adagrad', {
    label: 'Adagrad',
    help: 'Steps shrink where gradients were large. Rates near 0.01.',
    fields: {
      initialAccumulator: field(z.number().min(0).default(0.1), {
        label: 'Initial accumulator',
        help: 'What the sum of squared gradients begins with; larger makes first steps smaller.',
        step: 0.05,
      }),
      epsilon,
    },
  }),
  /** Chen et al. 2023. */
  kind('lion', {
    label: 'Lion',
    help: 'Steps by the sign of the gradient. A tenth of Adam’s rate, ten times its weight decay.',
    also: 'sign, evolved sign momentum',
    fields: { beta1, beta2: beta2(0.99, 'Decay of the momentum (β₂).') },
  }),
  /** Jordan et al. 2024: the momentum of each kernel, orthogonalised; offsets, scales and biases by AdamW. Rates and weight decay as for AdamW (Liu et al. 2025). */
  kind('muon', {
    label: 'Muon',
    help: 'Moves kernels evenly in all directions; learns in fewer epochs. Rates near 0.01.',
    also: 'orthogonalised momentum, Newton-Schulz',
    fields: {
      momentum: momentum(0.95),
      nesterov,
      beta2: beta2(0.95, 'Decay of the squared gradient’s running mean, for offsets and biases (β₂).'),
      epsilon,
    },
  }),
]);
export type Optimizer = z.infer<typeof Optimizer>;
export type OptimizerKind = Optimizer['kind'];
