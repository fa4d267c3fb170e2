/** Non-linearities, as a recipe names them. */
import * as z from 'zod';

export const Activation = z.enum(['linear', 'relu', 'relu6', 'leaky-relu', 'elu', 'gelu', 'silu', 'mish']);
export type Activation = z.infer<typeof Activation>;

export const activationLabels: Record<Activation, string> = {
  linear: 'none (linear)',
  relu: 'ReLU',
  relu6: 'ReLU6',
  'leaky-relu': 'Leaky ReLU',
  elu: 'ELU',
  gelu: 'GELU',
  silu: 'SiLU (swish)',
  mish: 'Mish',
};
