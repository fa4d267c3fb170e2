/** What a number of the recipe may be, read from its schema, so that a form cannot allow what the studio refuses. */
import * as z from 'zod';
import { Augmentation } from '#recipe/augmentation.ts';
import { Layer, Model } from '#recipe/layer.ts';
import { Preprocessing } from '#recipe/recipe.ts';
import { Loss, Optimizer, Schedule, Training } from '#recipe/training.ts';
import type { Bounds } from '../../../parts/form/number.ts';

interface JsonSchema {
  type?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  anyOf?: JsonSchema[];
}

/** Bounds of a number's schema, through its default and its null. Anything else has none. */
export function boundsOf(schema: z.ZodType): Bounds {
  const json = z.toJSONSchema(schema) as JsonSchema;
  const number = [json, ...(json.anyOf ?? [])].find(({ type }) => type === 'number' || type === 'integer');
  if (!number) return {};
  const { minimum, exclusiveMinimum, maximum, type } = number;
  const min = exclusiveMinimum ?? minimum;
  return {
    ...(min === undefined ? {} : { min }),
    ...(exclusiveMinimum === undefined ? {} : { aboveMin: true }),
    ...(maximum === undefined ? {} : { max: maximum }),
    ...(type === 'integer' ? { whole: true } : {}),
  };
}

const ofShape = (shape: Record<string, z.ZodType>): Record<string, Bounds> =>
  Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, boundsOf(schema)]));

interface Kinds {
  options: readonly { shape: { kind: { value: string } } & Record<string, z.ZodType> }[];
}
const ofKinds = (union: unknown): Record<string, Record<string, Bounds>> =>
  Object.fromEntries((union as Kinds).options.map(({ shape }) => [shape.kind.value, ofShape(shape)]));

/** By setting; "training.learningRate" is `bounds.training.learningRate`. */
export const bounds = {
  preprocessing: ofShape(Preprocessing.shape),
  model: ofShape(Model.shape),
  training: ofShape(Training.shape),
  patience: boundsOf(Training.shape.earlyStopping.unwrap().unwrap().shape.patience),
} as const;

/** Of a setting by its path; none where it has no numbers of its own. */
export function boundsAt(path: string): Bounds {
  const [part = '', key = ''] = path.split('.');
  return (bounds as unknown as Record<string, Record<string, Bounds>>)[part]?.[key] ?? {};
}

/** By kind and field; `kindBounds.layer.conv.filters`. */
export const kindBounds = {
  augmentation: ofKinds(Augmentation),
  layer: ofKinds(Layer),
  optimizer: ofKinds(Optimizer),
  schedule: ofKinds(Schedule),
  loss: ofKinds(Loss),
} as const;
