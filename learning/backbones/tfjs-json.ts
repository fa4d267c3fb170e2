/** Values of a file's JSON, of which nothing is believed: own keys only, each of the kind that is asked for. Pure. */
import type { Settings } from './graph.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of an object's own keys; undefined for anything else. */
export const own = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

export const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** What a message shows of a value; an object of JSON cannot be trusted to say what it is. */
export const saidOf = (value: unknown): string =>
  typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 40);

/** A number, or a text of one, as protocol buffers write whole numbers of 64 bits. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? Number(value) : null;
}

const most = 1000;
function allOf<T>(value: unknown, each: (item: unknown) => T | null): T[] | null {
  if (!Array.isArray(value) || value.length > most) return null;
  const items = value.map(each);
  return items.includes(null) ? null : (items as T[]);
}
const wholeOf = (value: unknown): number | null => {
  const number = typeof value === 'boolean' ? Number(value) : numberOf(value);
  return number !== null && Number.isSafeInteger(number) ? number : null;
};

/** Settings that are plain JSON values. */
export const settingsOf = (values: JsonObject): Settings => ({
  int: (name) => wholeOf(own(values, name)),
  ints: (name) => allOf(own(values, name), wholeOf),
  float: (name) => numberOf(own(values, name)),
  text: (name) => textOf(own(values, name)),
  texts: (name) => allOf(own(values, name), textOf),
});
