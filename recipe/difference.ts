/**
 * What differs between two recipes, field by field: for comparing runs side by side, in the window as on the
 * command line. How a value is written out is left to whoever shows it.
 */
import type { Json } from '#contract/errors.ts';
import type { Recipe } from './recipe.ts';

export interface Difference {
  /**
   * The field, such as "training.learningRate" or "model.layers.2.filters". Places in lists count from 0 and are those
   * of the left recipe. What the right one alone has stands at "model.layers.+2": put in before the left one's place 2
   * ("+2:2" is the second that is put in there). No two differences have the same path.
   */
  path: string;
  /** The value there, undefined where this side has no such field. */
  left: Json | undefined;
  right: Json | undefined;
}

/**
 * The fields in which two recipes differ, in the order of the left one; empty where they say the same.
 * Where the kind of a thing differs (Adam, SGD), that is one difference of the whole of it. Lists are laid side by
 * side so that as much as possible agrees: a layer put in between is one difference, not one for each layer after it.
 */
export function differences(left: Recipe, right: Recipe): Difference[] {
  const found: Difference[] = [];
  compare(left as Json, right as Json, '', (difference) => found.push(difference));
  return found;
}

export interface RecipeRow {
  /** As in a difference, the first recipe being the left one. */
  path: string;
  /** What each recipe itself has there, one a recipe; undefined where it has no such field. */
  values: (Json | undefined)[];
}

/** The fields in which any recipe differs from the first one, with the values of all; empty where they say the same. */
export function sideBySide(recipes: readonly Recipe[]): RecipeRow[] {
  const [first, ...others] = recipes;
  if (!first) return [];
  const paths = new Set(others.flatMap((other) => differences(first, other).map(({ path }) => path)));
  return [...paths].map((path) => ({
    path,
    values: recipes.map((recipe) => counterpart(first as Json, recipe as Json, path.split('.'))),
  }));
}

type Branch = Record<string, Json>;
type Sides = [left: Json | undefined, right: Json | undefined];

const isBranch = (value: Json | undefined): value is Branch =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function compare(
  left: Json | undefined,
  right: Json | undefined,
  path: string,
  tell: (difference: Difference) => void,
): void {
  if (same(left, right)) return;
  const inner = parts(left, right);
  if (!inner) return tell({ path, left, right });
  for (const [key, [l, r]] of inner) compare(l, r, path === '' ? key : `${path}.${key}`, tell);
}

/** What the right side has where the left one has what is at these keys. */
function counterpart(
  left: Json | undefined,
  right: Json | undefined,
  keys: readonly string[],
): Json | undefined {
  const [key, ...rest] = keys;
  if (key === undefined) return right;
  const inner = parts(left, right);
  // Of two kinds (Adam, AdamW), each may have a field of that name.
  const [l, r] = inner
    ? (inner.get(key) ?? [undefined, undefined])
    : [isBranch(left) ? left[key] : undefined, isBranch(right) ? right[key] : undefined];
  return counterpart(l, r, rest);
}

/** The parts of two things side by side; null where they are to be told as a whole. */
function parts(left: Json | undefined, right: Json | undefined): Map<string, Sides> | null {
  if (isBranch(left) && isBranch(right) && left['kind'] === right['kind']) {
    const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
    return new Map([...keys].map((key) => [key, [left[key], right[key]]]));
  }
  if (Array.isArray(left) && Array.isArray(right) && [...left, ...right].every(isBranch))
    return partsOfLists(left, right);
  return null;
}

/** Between two matches, what one list has takes the place of what the other has, as far as there is of both. */
function partsOfLists(left: readonly Json[], right: readonly Json[]): Map<string, Sides> {
  const found = new Map<string, Sides>();
  let gone: number[] = [];
  let added: number[] = [];
  const close = (next: number) => {
    gone.forEach((a, index) => {
      const b = added[index];
      found.set(String(a), [left[a], b === undefined ? undefined : right[b]]);
    });
    added.slice(gone.length).forEach((b, index) => {
      found.set(`+${next}${index === 0 ? '' : `:${index + 1}`}`, [undefined, right[b]]);
    });
    gone = [];
    added = [];
  };
  for (const [a, b] of align(left, right)) {
    if (a !== null && b !== null) {
      close(a);
      found.set(String(a), [left[a], right[b]]);
    } else if (a !== null) gone.push(a);
    else added.push(b!);
  }
  close(left.length);
  return found;
}

function same(left: Json | undefined, right: Json | undefined): boolean {
  if (Array.isArray(left) && Array.isArray(right))
    return left.length === right.length && left.every((value, index) => same(value, right[index]));
  if (isBranch(left) && isBranch(right)) {
    const keys = Object.keys(left);
    return keys.length === Object.keys(right).length && keys.every((key) => same(left[key], right[key]));
  }
  return left === right;
}

/** Places of two lists side by side, null where the other list has nothing to match; by longest common subsequence. */
function align(left: readonly Json[], right: readonly Json[]): [number | null, number | null][] {
  const kindOf = (value: Json | undefined) => (isBranch(value) ? value['kind'] : undefined);
  /** What a match is worth: any match of a kind more than none, equal things most. */
  const worth = (a: number, b: number) => {
    if (same(left[a], right[b])) return 3;
    return kindOf(left[a]) === kindOf(right[b]) ? 2 : 0;
  };
  // best[a][b]: the greatest worth of what follows from a and b on.
  const best = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  for (let a = left.length - 1; a >= 0; a -= 1) {
    for (let b = right.length - 1; b >= 0; b -= 1) {
      const match = worth(a, b);
      best[a]![b] = Math.max(
        match > 0 ? match + best[a + 1]![b + 1]! : 0,
        best[a + 1]![b]!,
        best[a]![b + 1]!,
      );
    }
  }
  const pairs: [number | null, number | null][] = [];
  let [a, b] = [0, 0];
  while (a < left.length || b < right.length) {
    const match = a < left.length && b < right.length ? worth(a, b) : 0;
    if (match > 0 && best[a]![b] === match + best[a + 1]![b + 1]!) pairs.push([a++, b++]);
    else if (a < left.length && (b === right.length || best[a]![b] === best[a + 1]![b]!))
      pairs.push([a++, null]);
    else pairs.push([null, b++]);
  }
  return pairs;
}
