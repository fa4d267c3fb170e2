/**
 * A part of a network that was made elsewhere, as one layer of a recipe: operations with their settings, each naming those
 * whose output it takes. Which file becomes such layers is left to learning/backbones, what an operation does to
 * learning/model.
 */
import * as z from 'zod';
import { Activation } from './activation.ts';

/** Beyond what a recipe's own layers offer: what networks made elsewhere have. */
export const ImportedActivation = z.enum([...Activation.options, 'sigmoid', 'hard-sigmoid', 'hard-swish']);
export type ImportedActivation = z.infer<typeof ImportedActivation>;

const side = z.int().min(1).max(64);
const pixels = z.int().min(0).max(64);
/** Places among the layer's own operations, each before this one; -1 is what comes into the layer. */
const inputs = z.array(z.int().min(-1)).min(1).max(64);
/** `same` as TensorFlow has it; else pixels at top, left, bottom and right. */
const padding = z.union([z.literal('same'), z.tuple([pixels, pixels, pixels, pixels])]);
export type ImportedPadding = z.infer<typeof padding>;

const window = { kernel: side, stride: side, padding, bias: z.boolean() };

export const ImportedOperation = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('conv'), inputs, filters: z.int().min(1).max(8192), ...window }),
  z.strictObject({ kind: z.literal('depthwise-conv'), inputs, ...window }),
  z.strictObject({ kind: z.literal('batch-norm'), inputs, epsilon: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal('layer-norm'), inputs, epsilon: z.number().min(0).max(1) }),
  z.strictObject({ kind: z.literal('activation'), inputs, activation: ImportedActivation }),
  z.strictObject({ kind: z.literal('max-pool'), inputs, size: side, stride: side, padding }),
  /** Without padding: whether it counts is told differently everywhere. */
  z.strictObject({ kind: z.literal('average-pool'), inputs, size: side, stride: side }),
  z.strictObject({ kind: z.literal('global-average-pool'), inputs }),
  z.strictObject({ kind: z.literal('flatten'), inputs }),
  z.strictObject({ kind: z.literal('dense'), inputs, units: z.int().min(1).max(8192) }),
  /** Of two of one shape. */
  z.strictObject({ kind: z.literal('add'), inputs }),
  /** A map, and a vector with a factor for each of its channels. */
  z.strictObject({ kind: z.literal('multiply'), inputs }),
  /** Channels behind channels. */
  z.strictObject({ kind: z.literal('concatenate'), inputs }),
]);
export type ImportedOperation = z.infer<typeof ImportedOperation>;

/** How many inputs an operation takes; null is any number from one. */
const inputCounts: Partial<Record<ImportedOperation['kind'], number | null>> = {
  add: 2,
  multiply: 2,
  concatenate: null,
};

/** In an order in which each follows those whose output it takes; the last one's output is the layer's. */
export const ImportedOperations = z
  .array(ImportedOperation)
  .min(1)
  .max(1000)
  .superRefine((operations, context) => {
    for (const [index, { kind, inputs: from }] of operations.entries()) {
      const count = inputCounts[kind] === undefined ? 1 : inputCounts[kind];
      if (count !== null && from.length !== count)
        context.addIssue({
          code: 'custom',
          path: [index, 'inputs'],
          message: `Expected ${count} for ${kind}, received ${from.length}.`,
        });
      if (from.some((place) => place >= index))
        context.addIssue({
          code: 'custom',
          path: [index, 'inputs'],
          message: `Expected places of operations before this one (${index}), received ${from.join(', ')}.`,
        });
    }
  });
