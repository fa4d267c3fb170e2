/**
 * What a search varies: fields of a recipe, and over what; and what each field is varied over to begin with, by the table
 * of fields. Choosing values is left to learning/search.
 */
import * as z from 'zod';
import type { Json } from '#contract/errors.ts';
import { type Field, fields, type Kinds, namesOf, valueAt } from './fields.ts';
import { migrateParameter } from './migrate.ts';
import type { Recipe } from './recipe.ts';

/** A field of the recipe, such as "training.learningRate" or "augmentation.0.probability". */
const path = z
  .string()
  .max(200)
  .regex(/^(augmentation|model|training|preprocessing)(\.[A-Za-z0-9]{1,40}){1,6}$/);

/** One field to be varied, and over what. */
const CurrentParameter = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('number'),
    path,
    low: z.number(),
    high: z.number(),
    /** Even on the logarithm. */
    logarithmic: z.boolean().default(false),
    /** How many values a grid takes from low to high. */
    points: z.int().min(2).max(100).default(3),
  }),
  z.strictObject({
    kind: z.literal('integer'),
    path,
    low: z.int(),
    high: z.int(),
    logarithmic: z.boolean().default(false),
    points: z.int().min(2).max(100).default(3),
  }),
  /** Any JSON value: a number, a name, a whole optimizer or layer list. */
  z.strictObject({ kind: z.literal('choice'), path, values: z.array(z.json()).min(2).max(100) }),
]);
export type SearchParameter = z.infer<typeof CurrentParameter>;

/** A parameter that names a field as this or an earlier format of the recipe has it. */
export const SearchParameter: z.ZodType<SearchParameter, z.input<typeof CurrentParameter>> = z.preprocess(
  migrateParameter,
  CurrentParameter,
) as never;

/** A search space as the command line reads it from a file. */
export const SearchSpace = z.array(SearchParameter).min(1).max(20);
export type SearchSpace = z.infer<typeof SearchSpace>;

const range = (
  path: string,
  low: number,
  high: number,
  { logarithmic = false, whole = false } = {},
): SearchParameter =>
  whole
    ? { kind: 'integer', path, low, high, logarithmic: false, points: Math.min(3, high - low + 1) }
    : { kind: 'number', path, low, high, logarithmic, points: 3 };

type Search = Exclude<Field['search'], false | undefined>;
const isRange = (search: Search): search is Extract<Search, readonly unknown[]> => Array.isArray(search);

/**
 * What a field is varied over to begin with.
 * @param value what it is now
 * @returns null where varying it makes no recipe better, or nothing sensible is known
 */
function firstRange(path: string, field: Field, value: unknown): SearchParameter | null {
  const { search, value: type, options } = field;
  if (search === false) return null;
  const choice = (values: readonly Json[]): SearchParameter => ({
    kind: 'choice',
    path,
    values: [...values],
  });
  if (search && !isRange(search)) {
    // A kind is named, and begins as it does everywhere.
    const kinds: Kinds = type.type === 'kind' ? type.kinds : {};
    return choice(search.values.map((one) => (typeof one === 'string' && kinds[one]?.initial) || one));
  }
  if (search)
    return range(path, search[0], search[1], {
      logarithmic: field.logarithmic ?? false,
      whole: type.type === 'number' && type.bounds.whole === true,
    });
  if (type.type === 'switch') return choice([true, false]);
  if (type.type === 'choice') return choice(options ? type.values : []);
  if (type.type === 'kind') return choice(Object.values(type.kinds).flatMap(({ initial }) => initial ?? []));
  return type.type === 'number' && typeof value === 'number' ? around(path, field, value) : null;
}

/** A number: over its span where it has one, else from half to twice its value. */
function around(
  path: string,
  { span, logarithmic, percent, step, value: type }: Field,
  value: number,
): SearchParameter {
  const { min = -Infinity, max = Infinity, whole = false } = type.type === 'number' ? type.bounds : {};
  const within = (low: number, high: number) => [Math.max(min, low), Math.min(max, high)] as const;
  // A side of the image, in steps of the form's.
  if (whole && step === 4) {
    const sides = [0.75, 1, 1.5].map((factor) => step * Math.round((value * factor) / step));
    return {
      kind: 'choice',
      path,
      values: [...new Set(sides.map((side) => Math.max(min, Math.min(max, side))))],
    };
  }
  if (logarithmic) return range(path, ...(span ?? within(value / 100, value * 100)), { logarithmic });
  if (whole)
    return range(path, ...within(Math.max(1, Math.floor(value / 2)), Math.max(2, value * 2)), { whole });
  if (span) return range(path, ...span);
  if (percent) return range(path, ...within(0, Math.max(0.5, value * 2)));
  // Decay rates: near 1 is where they differ.
  if (max < 1) return range(path, Math.min(0.5, value), 0.99);
  return range(path, ...within(Math.min(0, value), Math.max(1, value * 2)));
}

export interface Searchable {
  path: string;
  label: string;
  /** All that it can be found by, divided by commas. */
  names: string;
  parameter: SearchParameter;
}

/** All fields of this recipe that can be varied: its own, those of training first, then those of its kinds. */
export function searchable(recipe: Recipe): Searchable[] {
  const found: Searchable[] = [];
  const add = (path: string, field: Field, label: string, names: string) => {
    const parameter = firstRange(path, field, valueAt(recipe, path));
    if (parameter) found.push({ path, label, names: `${names},${path}`, parameter });
  };
  const addKind = (path: string, kinds: Kinds, place = '') => {
    const now = valueAt(recipe, path) as { kind: string };
    const kind = kinds[now.kind]!;
    for (const [key, field] of Object.entries(kind.fields))
      add(
        `${path}.${key}`,
        field,
        `${place}${kind.label}: ${field.label}`,
        `${kind.label},${kind.also ?? ''},${namesOf(field)}`,
      );
  };
  for (const part of ['training.', 'model.', 'preprocessing.']) {
    for (const field of fields.filter(({ path }) => path.startsWith(part)))
      if (valueAt(recipe, field.path) !== undefined) add(field.path, field, field.label, namesOf(field));
  }
  for (const { path, value } of fields) {
    if (value.type === 'kind') addKind(path, value.kinds);
    if (value.type === 'list')
      (valueAt(recipe, path) as unknown[]).forEach((_, index) =>
        addKind(`${path}.${index}`, value.kinds, `${index + 1}. `),
      );
  }
  return found;
}
