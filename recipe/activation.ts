/** What bends a layer's output, as a recipe names it. */
import * as z from 'zod';

export const Activation = z.enum(['linear', 'relu', 'relu6', 'leaky-relu', 'elu', 'gelu', 'silu', 'mish']);
export type Activation = z.infer<typeof Activation>;
