/**
 * What tells a recipe apart from another: all that is not as a recipe begins with, its keys in order. A field that a later
 * version adds, with a default that changes nothing, leaves the identity of recipes of before as it is, and so lets their runs go on.
 */
import * as z from 'zod';
import { CurrentRecipe, type Recipe } from './recipe.ts';

/** A text that is equal where two recipes are. */
export const identityOf = (recipe: Recipe): string => JSON.stringify(essence(CurrentRecipe, recipe));

type Branch = Record<string, unknown>;

function essence(schema: z.ZodType, value: unknown): unknown {
  const inner = unwrapped(schema);
  if (value === null || typeof value !== 'object') return value;
  if (inner instanceof z.ZodArray)
    return (value as unknown[]).map((entry) => essence(inner.element as z.ZodType, entry));
  const object = inner instanceof z.ZodDiscriminatedUnion ? optionFor(inner, value as Branch) : inner;
  if (!(object instanceof z.ZodObject)) return value;
  const shape = object.shape as Record<string, z.ZodType>;
  return Object.fromEntries(
    Object.keys(shape)
      .filter((key) => JSON.stringify((value as Branch)[key]) !== JSON.stringify(defaultOf(shape[key]!)))
      .sort()
      .map((key) => [key, essence(shape[key]!, (value as Branch)[key])]),
  );
}

function unwrapped(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodNullable) inner = inner.unwrap() as z.ZodType;
  return inner;
}

const optionFor = (union: z.ZodDiscriminatedUnion, { kind }: Branch): z.ZodType | undefined =>
  (union.options as z.ZodObject[]).find((option) =>
    (option.shape['kind'] as z.ZodLiteral).values.has(kind as string),
  );

/** In full, with what its own fields begin with; undefined where it must be said. */
const defaultOf = (schema: z.ZodType): unknown =>
  schema instanceof z.ZodDefault ? schema.parse(undefined) : undefined;
