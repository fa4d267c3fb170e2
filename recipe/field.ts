/**
 * What is said of a field of the recipe, written beside its schema: `field` for one value, `kind` for one member of a list
 * of kinds (an optimizer, an augmentation, a layer). Everything that shows, explains or varies fields follows from it; the
 * table of them all is fields.ts.
 */
import * as z from 'zod';
import type { Json } from '#contract/errors.ts';
import type { SectionId } from './sections.ts';

export interface FieldInfo {
  label: string;
  /** One short sentence. */
  help: string;
  /** Other names of the same thing, divided by commas, by which it is found. */
  also?: string;
  unit?: string;
  /** Shown a hundred times as large, with a per cent sign. */
  percent?: boolean;
  /** Of the arrow keys and the slider, in the recipe's own unit. */
  step?: number;
  /** What the slider covers, where the schema allows more than is sensible. Numbers beyond can be typed. */
  span?: readonly [low: number, high: number];
  /** The slider, and a search, are even on the logarithm. */
  logarithmic?: boolean;
  /** Labels of the values of a choice, by the value. */
  options?: Record<string, string>;
  /** Of a field that may be null: what it is when it is switched on. */
  valueWhenEnabled?: Json;
  /** Of such a field that is a number: the label of the number, beside the field's own at the switch. */
  valueLabel?: string;
  /** Of a field of the recipe itself: the part of the form, and of the reference, in which it stands. */
  section?: SectionId;
  /** In the line that sums a section up, … being the value; where absent it stands there only if it is not as it begins. */
  brief?: string;
  /** What a search varies it over to begin with: a range, or these values. False where that makes no recipe better. Where absent, by the value (search-space.ts). */
  search?: readonly [low: number, high: number] | { values: readonly Json[] } | false;
}

export interface KindInfo {
  label: string;
  /** One sentence. */
  help: string;
  also?: string;
  /** Of an augmentation that has nothing to change in grey images. */
  colourOnly?: true;
  /** The heading under which it stands in a menu; where absent, it is in none, since it cannot be added by hand. */
  group?: string;
}

declare const informed: unique symbol;
/** A schema of which `field` was told: a kind whose field has no label does not compile. */
type Informed = { readonly [informed]: true };
type Fields = Record<string, z.ZodType & Informed>;

const fieldInfo = new WeakMap<object, FieldInfo>();
const kindInfo = new WeakMap<object, KindInfo>();

export function field<S extends z.ZodType>(schema: S, info: FieldInfo): S & Informed {
  fieldInfo.set(schema, info);
  return schema as S & Informed;
}

/** An object of fields, each with what is said of it. */
export const fieldsOf = <F extends Fields>(fields: F) => z.strictObject(fields);

/** One kind of a union of kinds: what is said of it, and its fields. */
export function kind<K extends string, F extends Fields>(
  name: K,
  { fields, ...info }: KindInfo & { fields: F },
): z.ZodObject<{ kind: z.ZodLiteral<K> } & F, z.core.$strict> {
  const schema = z.strictObject({ kind: z.literal(name), ...fields });
  kindInfo.set(schema, info);
  return schema as z.ZodObject<{ kind: z.ZodLiteral<K> } & F, z.core.$strict>;
}

/** What was said of a schema by `field`. @throws where nothing was */
export const infoOfField = (schema: z.ZodType): FieldInfo => fieldInfo.get(schema) ?? unknown();

export const isField = (schema: z.ZodType): boolean => fieldInfo.has(schema);
export const isKind = (schema: z.ZodType): boolean => kindInfo.has(schema);

/** What was said of a schema by `kind`. @throws where nothing was */
export const infoOfKind = (schema: z.ZodType): KindInfo => kindInfo.get(schema) ?? unknown();

function unknown(): never {
  throw new Error('This schema was made without field() or kind() of recipe/field.ts.');
}
