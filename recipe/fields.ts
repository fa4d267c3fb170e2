/**
 * The table of a recipe's fields: each with what is said of it and what it may be, read from the schema (recipe.ts), where
 * both are written once. The form, finding a setting, search spaces, --set, the reference and the JSON Schema follow from it.
 */
import * as z from 'zod';
import type { Json } from '#contract/errors.ts';
import { type FieldInfo, infoOfField, infoOfKind, isField, isKind, type KindInfo } from './field.ts';
import { type Bounds, boundsOf } from './number.ts';
import { CurrentRecipe, type Recipe } from './recipe.ts';
import type { Training } from './training.ts';

/** What a field may be. */
export type Value =
  | { type: 'number'; bounds: Bounds }
  | { type: 'numbers'; bounds: Bounds; most: number }
  | { type: 'switch' }
  | { type: 'text' }
  | { type: 'choice'; values: readonly (string | number)[] }
  /** One of several kinds, each with fields of its own: an optimizer. */
  | { type: 'kind'; kinds: Kinds }
  /** Several such: the layers. */
  | { type: 'list'; kinds: Kinds; most: number }
  /** Fields that are there together or not at all: early stopping. */
  | { type: 'group'; fields: readonly Field[] }
  /** Made by the studio, and not written by hand. */
  | { type: 'data' };

export interface Field extends FieldInfo {
  /** The last part of its path: "learningRate". */
  key: string;
  /** Of a field of the recipe itself, such as "training.learningRate"; else of no recipe, and empty. */
  path: string;
  value: Value;
  /** May be null, which is off. */
  optional: boolean;
  /** Where a recipe does not name it; undefined where it must. */
  initial: Json | undefined;
}

export interface Kind extends KindInfo {
  kind: string;
  fields: Readonly<Record<string, Field>>;
  /** One of which nothing else is said; null where something must be. */
  initial: ({ kind: string } & Record<string, Json>) | null;
}
export type Kinds = Readonly<Record<string, Kind>>;

export type FieldPath =
  | 'name'
  | 'augmentation'
  | `preprocessing.${keyof Recipe['preprocessing']}`
  | `model.${keyof Recipe['model']}`
  | `training.${keyof Training}`
  | `training.earlyStopping.${keyof NonNullable<Training['earlyStopping']>}`;

function fieldOf(key: string, schema: z.ZodType, path = ''): Field {
  let [inner, optional] = [schema, false];
  let initial: Json | undefined;
  for (;;) {
    if (inner instanceof z.ZodDefault) initial = inner.def.defaultValue as Json;
    else if (inner instanceof z.ZodNullable) optional = true;
    else break;
    inner = inner.unwrap() as z.ZodType;
  }
  return { ...infoOfField(schema), key, path, optional, initial, value: valueOf(inner, path) };
}

function valueOf(schema: z.ZodType, path: string): Value {
  if (schema instanceof z.ZodNumber) return { type: 'number', bounds: boundsOf(schema) };
  if (schema instanceof z.ZodBoolean) return { type: 'switch' };
  if (schema instanceof z.ZodEnum) return { type: 'choice', values: schema.options };
  if (schema instanceof z.ZodDiscriminatedUnion) return { type: 'kind', kinds: kindsOf(schema) };
  if (schema instanceof z.ZodUnion && schema.options.every((one) => one instanceof z.ZodLiteral))
    return { type: 'choice', values: schema.options.flatMap((one) => [...(one.values as Set<number>)]) };
  if (schema instanceof z.ZodObject)
    return {
      type: 'group',
      fields: Object.entries(shapeOf(schema)).map(([key, one]) => fieldOf(key, one, `${path}.${key}`)),
    };
  if (schema instanceof z.ZodArray) {
    const element = schema.element as z.ZodType;
    const most = longest(schema);
    if (element instanceof z.ZodNumber) return { type: 'numbers', bounds: boundsOf(element), most };
    if (
      element instanceof z.ZodDiscriminatedUnion &&
      element.options.every((one) => isKind(one as z.ZodType))
    )
      return { type: 'list', kinds: kindsOf(element), most };
    return { type: 'data' };
  }
  return { type: 'text' };
}

/** The most entries that an array's schema takes. */
const longest = (schema: z.ZodArray): number =>
  (z.toJSONSchema(schema, { unrepresentable: 'any' }) as { maxItems?: number }).maxItems ?? Infinity;

const shapeOf = (schema: z.ZodObject) => schema.shape as Record<string, z.ZodType>;

function kindsOf(union: z.ZodDiscriminatedUnion): Kinds {
  return Object.fromEntries(
    union.options.map((option) => {
      const schema = option as z.ZodObject;
      const { kind: name, ...fields } = shapeOf(schema);
      const [kind] = (name as z.ZodLiteral<string>).values as Set<string>;
      const initial = schema.safeParse({ kind });
      return [
        kind!,
        {
          ...infoOfKind(schema),
          kind: kind!,
          fields: Object.fromEntries(Object.entries(fields).map(([key, one]) => [key, fieldOf(key, one)])),
          initial: initial.success ? (initial.data as Kind['initial']) : null,
        },
      ];
    }),
  );
}

function fieldsIn(schema: z.ZodObject, path: string): Field[] {
  return Object.entries(shapeOf(schema)).flatMap(([key, one]) => {
    const at = path ? `${path}.${key}` : key;
    if (isField(one)) {
      const field = fieldOf(key, one, at);
      return field.value.type === 'group' ? [field, ...field.value.fields] : [field];
    }
    return one instanceof z.ZodObject ? fieldsIn(one, at) : [];
  });
}

/** All fields of a recipe itself, in the order of the schema; those of kinds are in their kinds. */
export const fields: readonly Field[] = fieldsIn(CurrentRecipe, '');

const byPath = new Map(fields.map((one) => [one.path, one]));

/** @throws where there is none: paths of this type have one */
export const fieldOfPath = (path: FieldPath): Field => byPath.get(path)!;

/** The kinds of a field that is one of several kinds, or a list of such. */
export function kindsAt(path: FieldPath): Kinds {
  const { value } = fieldOfPath(path);
  return value.type === 'kind' || value.type === 'list' ? value.kinds : {};
}
export const augmentationKinds = kindsAt('augmentation');
export const layerKinds = kindsAt('model.layers');

export interface Place {
  field: Field;
  /** The kind that has it, such as Adam; of an entry of a list alone, what it is. */
  of?: Kind | undefined;
  /** Of an entry of a list, counted from 0. */
  index?: number;
}

/**
 * What stands at a path such as "training.optimizer.beta1" or "augmentation.0.fraction"; null where nothing can.
 * @param recipe whose kinds they are; without it the first kind that has a field of that name
 */
export function fieldAt(path: string, recipe?: Recipe): Place | null {
  const own = byPath.get(path);
  if (own) return { field: own };
  for (const field of fields) {
    if (!path.startsWith(`${field.path}.`)) continue;
    const { value } = field;
    const rest = path.slice(field.path.length + 1).split('.');
    const list = value.type === 'list';
    if (!list && value.type !== 'kind') continue;
    const index = list ? Number(rest.shift()) : undefined;
    const at = list ? `${field.path}.${index}` : field.path;
    const now = recipe && (valueAt(recipe, at) as { kind?: string } | undefined)?.kind;
    const [key] = rest;
    const of = now ? value.kinds[now] : Object.values(value.kinds).find(({ fields }) => key! in fields);
    if (rest.length === 0) return { field, of: now ? of : undefined, index: index! };
    const inner = of?.fields[key!];
    return inner && rest.length === 1 ? { field: inner, of, ...(list && { index: index! }) } : null;
  }
  return null;
}

/** The value at a path; undefined where there is none. */
export function valueAt(recipe: Recipe, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
      recipe,
    );
}

/** All that a field can be found by, divided by commas: its names, and those of its kinds and their fields. */
export function namesOf(field: Field): string {
  const { value } = field;
  const inner =
    value.type === 'kind' || value.type === 'list' ? Object.values(value.kinds).map(namesOfKind) : [];
  return [field.label, field.also, ...inner].filter(Boolean).join(',');
}
export const namesOfKind = ({ label, also, fields: own }: Kind): string =>
  [label, also, ...Object.values(own).flatMap((one) => [one.label, one.also])].filter(Boolean).join(',');
