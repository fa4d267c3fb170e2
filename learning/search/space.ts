/**
 * A search space: fields of a recipe and what they are varied over. Counts and draws its values and puts them into a
 * copy of the recipe. Whether a space fits a recipe is left to check.ts, which values are tried to sampler.ts.
 */
import { AtelierError, type Json } from '#contract/errors.ts';
import { setField } from '#recipe/path.ts';
import { Recipe } from '#recipe/recipe.ts';
import type { SearchParameter } from '#recipe/search-space.ts';

/** A value for each path of a space. */
export type Values = Record<string, Json>;

/**
 * The recipe with these values, checked as a whole. Paths of fewer steps are applied first, and a kind before what is
 * beside it, so that an optimizer can be chosen and one of its settings varied.
 * @throws RECIPE_INVALID naming the path
 */
export function applyValues(recipe: Recipe, values: Values): Recipe {
  const changed = JSON.parse(JSON.stringify(recipe)) as Json;
  const turn = (path: string) => path.split('.').length - (path.endsWith('.kind') ? 0.5 : 0);
  const paths = Object.keys(values).sort((a, b) => turn(a) - turn(b));
  for (const path of paths) setField(changed, path, values[path]!);
  const parsed = Recipe.safeParse(changed);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const at = issue.path.join('.');
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => `${at}.${key}`) : [];
  const path = [at, ...unknown].find((place) => paths.includes(place)) ?? pathAt(paths, at) ?? paths[0]!;
  throw new AtelierError(
    'RECIPE_INVALID',
    `Expected values that make a recipe; ${path} = ${JSON.stringify(values[path])} does not (${at}: ${issue.message}). Narrow the range of ${path}, or correct its values.`,
    { path, value: values[path] ?? null, issue: issue.message },
  );
}

/** The path that leads to this place, or the last one on the way to it, or the first one beneath it. */
export function pathAt(paths: readonly string[], place: string): string | undefined {
  const above = paths.filter((path) => place === path || place.startsWith(`${path}.`));
  const nearest = above.sort((a, b) => b.length - a.length)[0];
  return nearest ?? paths.find((path) => path.startsWith(`${place}.`));
}

/** Different combinations of values: Infinity where a number varies continuously; 1 for an empty space. */
export function cardinality(space: readonly SearchParameter[]): number {
  return space.reduce((product, parameter) => {
    if (parameter.kind === 'number') return Infinity;
    return (
      product * (parameter.kind === 'choice' ? parameter.values.length : parameter.high - parameter.low + 1)
    );
  }, 1);
}

/** What a grid tries of one parameter: `points` values from low to high, both included, or all choices. */
export function gridPoints(parameter: SearchParameter): Json[] {
  if (parameter.kind === 'choice') return parameter.values as Json[];
  const { low, high, points, logarithmic } = parameter;
  const values = Array.from({ length: points }, (_, index) => {
    const share = index / (points - 1);
    return tidy(parameter, logarithmic ? low * (high / low) ** share : low + (high - low) * share);
  });
  return [...new Set(values)];
}

/** Combinations of a grid over the space. */
export const gridSize = (space: readonly SearchParameter[]): number =>
  space.reduce((product, parameter) => product * gridPoints(parameter).length, 1);

/** The combination of that index, the last parameter varying fastest. */
export function gridValues(space: readonly SearchParameter[], index: number): Values {
  const values: Values = {};
  for (const parameter of [...space].reverse()) {
    const points = gridPoints(parameter);
    values[parameter.path] = points[index % points.length]!;
    index = Math.floor(index / points.length);
  }
  return Object.fromEntries(space.map(({ path }) => [path, values[path]!]));
}

/** A combination of the grid, a point for each parameter: one draw for all has 32 bits, too few for a large grid. */
export function drawPoints(space: readonly SearchParameter[], random: () => number): Values {
  return Object.fromEntries(
    space.map((parameter) => {
      const points = gridPoints(parameter);
      return [parameter.path, points[Math.floor(random() * points.length)]!];
    }),
  );
}

/** Each parameter on its own, evenly (on the logarithm where it is logarithmic). */
export function drawValues(space: readonly SearchParameter[], random: () => number): Values {
  return Object.fromEntries(
    space.map((parameter) => {
      const share = random();
      if (parameter.kind === 'choice')
        return [parameter.path, parameter.values[Math.floor(share * parameter.values.length)] as Json];
      const [low, high] = bounds(parameter);
      const drawn = low + (high - low) * share;
      return [parameter.path, tidy(parameter, parameter.logarithmic ? Math.exp(drawn) : drawn)];
    }),
  );
}

/**
 * Every combination once, from a drawn one on, the last parameter varying fastest.
 * @param whole all whole numbers of a range, not those of the grid; there may be no continuous one then
 */
export function* walkCombinations(
  space: readonly SearchParameter[],
  random: () => number,
  whole: boolean,
): Generator<Values, void> {
  const axes = space.map((parameter) => {
    if (whole && parameter.kind === 'integer') {
      const { low, high } = parameter;
      return { size: high - low + 1, at: (place: number): Json => low + place };
    }
    const points = gridPoints(parameter);
    return { size: points.length, at: (place: number) => points[place]! };
  });
  const start = axes.map(({ size }) => Math.floor(random() * size));
  const places = [...start];
  do {
    yield Object.fromEntries(space.map(({ path }, axis) => [path, axes[axis]!.at(places[axis]!)]));
    for (let axis = axes.length - 1; axis >= 0; axis -= 1) {
      places[axis] = (places[axis]! + 1) % axes[axis]!.size;
      if (places[axis] !== start[axis]) break;
    }
  } while (places.some((place, axis) => place !== start[axis]));
}

/** A parameter that is varied from low to high. */
export type Range = Exclude<SearchParameter, { kind: 'choice' }>;

/** Ends of the range on its own scale; those of whole numbers reach half a step further, so that each is equally wide. */
export function bounds({ kind, low, high, logarithmic }: Range): [number, number] {
  const half = kind === 'integer' ? 0.5 : 0;
  return logarithmic ? [Math.log(low - half), Math.log(high + half)] : [low - half, high + half];
}

/** A value as a person would write it (four digits) and within its range. */
export function tidy({ kind, low, high }: Range, value: number): number {
  const written = kind === 'integer' ? Math.round(value) : Number(value.toPrecision(4));
  return Math.min(high, Math.max(low, written));
}

/** A name for the combination: equal values, equal names. */
export const combination = (space: readonly SearchParameter[], values: Values): string =>
  JSON.stringify(space.map(({ path }) => values[path]));
