/**
 * Whether a search space fits the recipe it is for, asked before a search starts: its ranges, and recipes and networks
 * of a sample of its values. A trial can fail all the same, for not every combination is tried out.
 */
import { AtelierError, type Json, toWireError } from '#contract/errors.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { SearchParameter, SearchSpace } from '#recipe/search-space.ts';
import { checkAugmentation } from '#recipe/check-augmentation.ts';
import { checkNormalisation } from '#recipe/check-normalisation.ts';
import { generator } from '#learning/random-numbers.ts';
import { planNetwork } from '#recipe/plan.ts';
import {
  applyValues,
  cardinality,
  drawValues,
  gridValues,
  pathAt,
  type Range,
  tidy,
  type Values,
} from './space.ts';

/** Combinations of choices that are tried out; where there are more, so many are drawn. */
const combinationsChecked = 300;
/** Recipes with one range at its other end than all the rest, over all combinations. */
const cornersChecked = 300;

/**
 * Tries out, first of each parameter alone, all choices, the ends of a range and a value within it; these must make
 * recipes. Then combinations of choices, with all ranges at their lower end, at their upper end and within, and with
 * each single range at the other end than the rest; these must make networks and augmentations that work.
 * The parameter budget is not asked: a network too large is a failed trial.
 * @throws RECIPE_INVALID naming the path
 */
export function checkSpace(space: SearchSpace, recipe: Recipe, classCount: number): void {
  checkParameters(space);
  for (const parameter of space) {
    // A setting of something chosen has no sense alone.
    if (space.some((other) => chooses(other) && other !== parameter && related(other.path, parameter.path)))
      continue;
    const values = chooses(parameter)
      ? (parameter.values as Json[])
      : [parameter.low, parameter.high, within(parameter)];
    for (const value of values) recipeOf(space, recipe, { [parameter.path]: value });
  }
  const choices = space.filter(chooses);
  const ranges = space.filter((parameter): parameter is Range => !chooses(parameter));
  const all = cardinality(choices);
  const random = generator(all);
  const count = Math.min(all, combinationsChecked);
  const withCorners = Math.max(1, Math.floor(cornersChecked / Math.max(1, 2 * ranges.length)));
  const planned = new Set<string>();
  const everyOther = Math.ceil(count / withCorners);
  for (let index = 0; index < count; index++) {
    const chosen = all <= combinationsChecked ? gridValues(choices, index) : drawValues(choices, random);
    for (const numbers of placesOf(ranges, index % everyOther === 0)) {
      const values = { ...chosen, ...numbers };
      requireNetwork(recipeOf(space, recipe, values), values, classCount, planned);
    }
  }
}

/** What can be said without the recipe. */
function checkParameters(space: SearchSpace): void {
  const seen = new Set<string>();
  for (const parameter of space) {
    const { path } = parameter;
    const wrong = (message: string) => new AtelierError('RECIPE_INVALID', message, { path });
    if (seen.has(path))
      throw wrong(`Expected each path once, received ${path} twice. Leave one of them out.`);
    seen.add(path);
    if (parameter.kind === 'choice') {
      const texts = parameter.values.map((value) => JSON.stringify(value));
      const twice = texts.find((text, index) => texts.indexOf(text) !== index);
      if (twice !== undefined)
        throw wrong(`Expected different values for ${path}, received ${twice} twice. Leave one of them out.`);
    } else {
      const { low, high, logarithmic } = parameter;
      if (low >= high)
        throw wrong(`Expected low below high for ${path}, received ${low} and ${high}. Swap or change them.`);
      if (logarithmic && low <= 0)
        throw wrong(
          `Expected a range above 0 for ${path}, which is logarithmic, received ${low} to ${high}. Raise low, or make it even.`,
        );
    }
  }
}

const chooses = (parameter: SearchParameter): parameter is SearchParameter & { kind: 'choice' } =>
  parameter.kind === 'choice';

/** One path leads through the other, or both are settings of one thing whose kind is varied. */
function related(choice: string, path: string): boolean {
  const thing = choice.replace(/\.kind$/, '');
  return path.startsWith(`${thing}.`);
}

/** A value between the ends, and not a whole one where the range is not of whole numbers. */
function within(range: Range): number {
  const { kind, low, high, logarithmic } = range;
  const share = 0.382;
  const value = logarithmic ? low * (high / low) ** share : low + (high - low) * share;
  const written = tidy(range, value);
  if (kind === 'integer' || !Number.isInteger(written)) return written;
  return written + 0.5 < high ? written + 0.5 : (written + high) / 2;
}

/** All ranges low, all high, all within; with corners also each alone low and each alone high. */
function placesOf(ranges: readonly Range[], corners: boolean): Values[] {
  const place = (valueOf: (range: Range) => number): Values =>
    Object.fromEntries(ranges.map((range) => [range.path, valueOf(range)]));
  if (ranges.length === 0) return [{}];
  const places = [place(({ low }) => low), place(({ high }) => high), place(within)];
  if (!corners || ranges.length === 1) return places;
  for (const alone of ranges) {
    places.push(place((range) => (range === alone ? range.low : range.high)));
    // Of two, the one alone high is the other alone low.
    if (ranges.length > 2) places.push(place((range) => (range === alone ? range.high : range.low)));
  }
  return places;
}

/** As applyValues; says so where a range of numbers stands for one of whole numbers. */
function recipeOf(space: SearchSpace, recipe: Recipe, values: Values): Recipe {
  try {
    return applyValues(recipe, values);
  } catch (thrown) {
    const { path } = toWireError(thrown).details;
    const parameter = space.find((candidate) => candidate.path === path);
    const value = values[String(path)];
    if (parameter?.kind !== 'number' || typeof value !== 'number' || Number.isInteger(value)) throw thrown;
    const rounded = { ...values, [parameter.path]: Math.round(value) };
    if (faultyPath(recipe, rounded) === parameter.path) throw thrown;
    throw new AtelierError(
      'RECIPE_INVALID',
      `Expected whole numbers for ${parameter.path}; a range of kind "number" draws others too, such as ${value}. Use kind "integer".`,
      { path: parameter.path, value },
    );
  }
}

function faultyPath(recipe: Recipe, values: Values): Json | undefined {
  try {
    applyValues(recipe, values);
    return undefined;
  } catch (thrown) {
    return toWireError(thrown).details['path'];
  }
}

/** @param planned networks that were planned before; most values leave the network as it is */
function requireNetwork(recipe: Recipe, values: Values, classCount: number, planned: Set<string>): void {
  const { model, preprocessing } = recipe;
  const { height, width, channels } = preprocessing;
  try {
    checkAugmentation(recipe);
    checkNormalisation(preprocessing);
    const key = JSON.stringify([model, height, width, channels]);
    if (!planned.has(key)) planNetwork(model, [height, width, channels], classCount);
    planned.add(key);
  } catch (thrown) {
    const { code, message, details } = toWireError(thrown);
    if (code !== 'RECIPE_INVALID') throw thrown;
    const place = placeOf(details);
    const paths = Object.keys(values);
    const path = pathAt(paths, place) ?? paths.find((one) => one.split('.')[0] === place.split('.')[0]);
    const named = paths.map((one) => `${one} = ${JSON.stringify(values[one])}`).join(', ');
    throw new AtelierError(
      'RECIPE_INVALID',
      `Expected values that can be trained together; ${named} cannot. ${message} Or narrow the space, so that no combination is like this.`,
      { path: path ?? paths[0]!, values },
    );
  }
}

/** The field that an error of a recipe is about. */
function placeOf({ path, place, layer }: Record<string, Json>): string {
  if (typeof path === 'string') return path;
  return place === undefined ? `model.layers.${Number(layer)}` : `augmentation.${Number(place) - 1}`;
}
