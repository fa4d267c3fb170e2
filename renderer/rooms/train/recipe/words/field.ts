/**
 * How a part of the recipe is spoken of in the window: its name, one sentence, the words under which a person may look
 * for it, and how its values are set. What values are allowed is left to the schemas of recipe/recipe.ts (bounds.ts).
 */

/** One number, switch or choice. */
export interface FieldWords {
  label: string;
  /** One short sentence, shown below or beside the control. */
  help: string;
  /** Other names of the same thing, divided by commas; for the search. */
  also?: string;
  unit?: string;
  /** Shown a hundred times as large, with a per cent sign. */
  percent?: boolean;
  /** Of the arrow keys and the slider, in the recipe's own unit. */
  step?: number;
  /** What the slider covers, where the schema allows more than is sensible. Numbers beyond can still be typed. */
  span?: readonly [number, number];
  /** The slider is even on the logarithm. */
  logarithmic?: boolean;
}

/** The fields of one kind: every key of it but its name. */
export type FieldsOf<T> = { [K in Exclude<keyof T, 'kind'>]: FieldWords };

/** One kind of a union: an augmentation, a layer, an optimizer. */
export interface KindWords<T> {
  name: string;
  /** One line in the menu from which it is added or chosen. */
  about: string;
  also?: string;
  fields: FieldsOf<T>;
  /** What a new one starts with. */
  start: T;
}

/** Words for every kind of a union; a missing kind or field does not compile. */
export type WordsOf<U extends { kind: string }> = {
  [K in U['kind']]: KindWords<Extract<U, { kind: K }>>;
};

/** What the schema makes of a kind of which nothing else is said: the command line begins with the same. */
export const startOf = <T extends { kind: string }, K extends T['kind']>(
  schema: { parse(value: unknown): T },
  kind: K,
): Extract<T, { kind: K }> => schema.parse({ kind }) as Extract<T, { kind: K }>;

export interface Option<T extends string> {
  value: T;
  label: string;
  about?: string;
  disabled?: boolean;
}

/** Names of a table of kinds as the options of a list. */
export function kindOptions<K extends string>(
  table: Record<K, { name: string; about: string }>,
): Option<K>[] {
  return (Object.entries(table) as [K, { name: string; about: string }][]).map(
    ([value, { name, about }]) => ({ value, label: name, about }),
  );
}

/** All that a kind can be found by. */
export const kindHaystack = ({ name, also = '', fields }: KindWords<object> | AnyKindWords): string =>
  [
    name,
    also,
    ...Object.values<FieldWords>(fields).map((field) => `${field.label},${field.also ?? ''}`),
  ].join(',');

/** A kind's words with its type forgotten, for code that draws any of them. */
export interface AnyKindWords {
  name: string;
  about: string;
  also?: string;
  fields: Record<string, FieldWords>;
  start: { kind: string };
}
