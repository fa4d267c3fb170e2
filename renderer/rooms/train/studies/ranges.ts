/** What a field is varied over to begin with: ranges and choices that are sensible for it. Pure. */
import type { Json } from '#contract/errors.ts';
import { Activation } from '#recipe/activation.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { SearchParameter } from '#contract/study.ts';
import type { FieldWords } from '../recipe/words/field.ts';
import { valueAt } from '../../../state/changes.ts';
import { faultOfValue } from './faults.ts';

export const number = (path: string, low: number, high: number, logarithmic = false): SearchParameter => ({
  kind: 'number',
  path,
  low,
  high,
  logarithmic,
  points: 3,
});
export const integer = (path: string, low: number, high: number): SearchParameter => ({
  kind: 'integer',
  path,
  low,
  high,
  logarithmic: false,
  points: Math.min(3, high - low + 1),
});
export const choice = (path: string, values: readonly Json[]): SearchParameter => ({
  kind: 'choice',
  path,
  values: [...values],
});

/** A side of the image: three quarters of it, as it is, and half as much again, in steps of the form's. */
export function sides(path: string, now: number): SearchParameter {
  const fours = [0.75, 1, 1.5].map((share) => 4 * Math.round((now * share) / 4));
  return choice(path, [...new Set(fours.map((side) => Math.min(512, Math.max(8, side))))]);
}

/** By what the value of a field is: a switch, a name or a number. Null where it is none of them. */
export function rangeOf(path: string, value: unknown, words: FieldWords): SearchParameter | null {
  if (path.endsWith('.squeezeExcite')) return choice(path, [null, 4, 8, 16]);
  if (typeof value === 'boolean') return choice(path, [true, false]);
  // The only names among the fields of kinds.
  if (typeof value === 'string') return choice(path, Activation.options);
  return typeof value === 'number' ? around(path, value, words) : null;
}

/** A number: from its words where they say, else from half to twice its value. */
function around(path: string, value: number, words: FieldWords): SearchParameter {
  const [low, high] = words.span ?? [];
  if (words.logarithmic)
    return number(path, low ?? (value > 0 ? value / 100 : 1e-6), high ?? Math.max(value * 100, 1e-3), true);
  if (Number.isInteger(value) && (words.step ?? 0) >= 1)
    return integer(path, Math.max(1, Math.floor(value / 2)), Math.max(2, value * 2));
  if (words.percent) return number(path, low ?? 0, high ?? Math.min(1, Math.max(0.5, value * 2)));
  if (/beta|momentum|decay/i.test(path)) return number(path, Math.min(0.5, value), 0.99);
  return number(path, low ?? Math.min(0, value), high ?? Math.max(1, value * 2));
}

/** The same, drawn in to what the recipe allows. */
export function proposed(recipe: Recipe, parameter: SearchParameter): SearchParameter {
  if (parameter.kind === 'choice') return parameter;
  const { path } = parameter;
  const now = valueAt(recipe, path);
  const fits = (value: number) => faultOfValue(recipe, path, value) === null;
  const best = (...candidates: number[]) => candidates.find(fits) ?? (now as number);
  const value = typeof now === 'number' ? now : parameter.low;
  const tenth = (share: number) =>
    parameter.kind === 'integer' ? Math.max(1, Math.round(value * share)) : value * share;
  return {
    ...parameter,
    low: best(parameter.low, tenth(0.2), tenth(0.5)),
    high: best(parameter.high, tenth(1.5), 1),
  };
}
