/** What is wrong with what a field is varied over. Whether a value makes a recipe is asked of its schema; the studio checks the whole space. */
import type { Json } from '#contract/errors.ts';
import { Recipe } from '#recipe/recipe.ts';
import type { SearchParameter } from '#recipe/search-space.ts';
import { briefValue } from '#recipe/values.ts';

/** What is wrong with this value at this path of the recipe; null where it makes one. */
export function faultOfValue(recipe: Recipe, path: string, value: Json): string | null {
  const changed = JSON.parse(JSON.stringify(recipe)) as Json;
  const steps = path.split('.');
  const last = steps.pop()!;
  let place: Json | undefined = changed;
  for (const step of steps) place = (place as Record<string, Json> | null | undefined)?.[step];
  const known = (branch: Json | undefined): branch is Record<string, Json> =>
    typeof branch === 'object' && branch !== null && Object.hasOwn(branch, last);
  // A list has a length as well, which is no field.
  if (!known(place) || (Array.isArray(place) && !/^\d+$/.test(last)))
    return 'The recipe has no such field any more.';
  place[last] = value;
  const parsed = Recipe.safeParse(changed);
  return parsed.success ? null : parsed.error.issues[0]!.message;
}

/** What is wrong with a parameter for this recipe; null where nothing is. */
export function faultOf(recipe: Recipe, parameter: SearchParameter): string | null {
  const { path } = parameter;
  if (parameter.kind === 'choice') {
    if (parameter.values.length < 2) return 'Choose two values or more.';
    const wrong = parameter.values
      .map((value) => [value, faultOfValue(recipe, path, value as Json)] as const)
      .find(([, fault]) => fault !== null);
    return wrong ? `${briefValue(path, wrong[0])}: ${wrong[1]}` : null;
  }
  const { low, high, logarithmic } = parameter;
  if (low >= high) return 'The first number must be below the second.';
  if (logarithmic && low <= 0) return 'On a logarithmic scale the range must be above 0.';
  const atEnds = faultOfValue(recipe, path, low) ?? faultOfValue(recipe, path, high);
  if (atEnds !== null || parameter.kind === 'integer') return atEnds;
  const inside = broken(low, high);
  const fault = faultOfValue(recipe, path, inside);
  if (fault === null) return null;
  return faultOfValue(recipe, path, Math.round(inside)) === null
    ? 'Takes whole numbers only. Remove it and add it again, as a range of whole numbers.'
    : fault;
}

/** A number between the two that is not whole. */
function broken(low: number, high: number): number {
  const middle = low + (high - low) * 0.382;
  if (!Number.isInteger(middle)) return middle;
  return middle + 0.5 < high ? middle + 0.5 : (middle + high) / 2;
}
