/**
 * Paths of the studio's machine within the input of commands: the schema that marks them, and finding them again. Which
 * paths a client may name is left to engine/paths.ts; that every one is found there, this mark is for.
 */
import * as z from 'zod';
import { PathText } from './names.ts';

const marks = z.registry<{ path: true }>();

/** A path of the machine that the studio runs on. Every field of a command that holds one is of this schema. */
export const path = PathText.register(marks, { path: true });

/** What is looked at of a schema: enough of zod's definitions to reach every field. */
interface Definition {
  type: string;
  shape?: Record<string, z.ZodType>;
  innerType?: z.ZodType;
  element?: z.ZodType;
  valueType?: z.ZodType;
  options?: z.ZodType[];
  items?: z.ZodType[];
  in?: z.ZodType;
  left?: z.ZodType;
  right?: z.ZodType;
}
const definitionOf = (schema: z.ZodType) => schema.def as unknown as Definition;

/** Schemas for the very value that `schema` is for. */
function sameValue(schema: z.ZodType): z.ZodType[] {
  const { innerType, options, in: input, left, right } = definitionOf(schema);
  return [innerType, input, left, right, ...(options ?? [])].filter((part) => part !== undefined);
}

/**
 * The value with every path in it replaced. It need not be checked yet: of a union all members are looked at, and
 * what is of the wrong shape is left as it is, for the schema to refuse.
 */
export function replacePaths(schema: z.ZodType, value: unknown, replace: (path: string) => string): unknown {
  if (marks.has(schema)) return typeof value === 'string' ? replace(value) : value;
  const inner = sameValue(schema);
  if (inner.length > 0) return inner.reduce((now, part) => replacePaths(part, now, replace), value);
  if (typeof value !== 'object' || value === null) return value;
  const { shape, element, valueType, items } = definitionOf(schema);
  if (Array.isArray(value)) {
    return value.map((entry, index) => {
      const of = element ?? items?.[index];
      return of ? replacePaths(of, entry, replace) : entry;
    });
  }
  if (!shape && !valueType) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      const of = shape ? (Object.hasOwn(shape, key) ? shape[key] : undefined) : valueType;
      return [key, of ? replacePaths(of, entry, replace) : entry];
    }),
  );
}

/** A text field of a schema, for the test that none is forgotten. */
export interface TextField {
  /** Such as `source.path`. */
  name: string;
  isPath: boolean;
  schema: z.ZodType;
}

/** Every field of a schema that takes a text of any length or form. */
export function textFields(schema: z.ZodType, name = ''): TextField[] {
  const { type, shape, element, valueType, items } = definitionOf(schema);
  if (type === 'string') return [{ name, isPath: marks.has(schema), schema }];
  // JSON values of any depth, which refer to themselves.
  if (type === 'lazy') return [];
  const below = (key: string) => (name === '' ? key : `${name}.${key}`);
  return [
    ...sameValue(schema).flatMap((part) => textFields(part, name)),
    ...Object.entries(shape ?? {}).flatMap(([key, part]) => textFields(part, below(key))),
    ...[element, valueType, ...(items ?? [])].flatMap((part) => (part ? textFields(part, below('*')) : [])),
  ];
}
