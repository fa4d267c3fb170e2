/**
 * What a draft changed of the recipe it started from, setting by setting, and how a setting is put back. A list is one
 * setting: its rows have no names of their own. How a setting is called is left to recipe/values.ts. Pure.
 */
import { differences } from '#recipe/difference.ts';
import { valueAt } from '#recipe/fields.ts';
import type { Recipe } from '#recipe/recipe.ts';

export interface Change {
  /** "training.optimizer.momentum", "model.layers". */
  path: string;
  before: unknown;
  after: unknown;
}

const lists = ['augmentation', 'model.layers'];
const settingOf = (path: string): string =>
  lists.find((list) => path === list || path.startsWith(`${list}.`)) ?? path;

/** In the order of the recipe it started from. */
export function changes(before: Recipe, after: Recipe): Change[] {
  const paths = new Set(differences(before, after).map(({ path }) => settingOf(path)));
  return [...paths].map((path) => ({ path, before: valueAt(before, path), after: valueAt(after, path) }));
}

type Table = Record<string, unknown>;
const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null;

/** Sets the value at a path, in place; what lies above it must be there. */
export function setAt(recipe: Recipe, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop()!;
  const parent = keys.length === 0 ? recipe : valueAt(recipe, keys.join('.'));
  if (isTable(parent)) parent[last] = value;
}

/** True where the path is that setting, or lies within it. */
export const within = (path: string, setting: string): boolean =>
  path === setting || path.startsWith(`${setting}.`);

/** True where two recipes train the same thing: all but the name and the seed agree. */
export const sameButForSeed = (one: Recipe, other: Recipe): boolean =>
  differences(one, other).every(({ path }) => path === 'name' || path === 'training.seed');

/** Deep equality of two JSON values. */
export const same = (one: unknown, other: unknown): boolean =>
  differences({ value: one } as never, { value: other } as never).length === 0;
