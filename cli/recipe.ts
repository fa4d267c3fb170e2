/**
 * The recipe that `train` is told: a preset's name or a JSON file, then changes by --set path=value.
 */
import { readFileSync } from 'node:fs';
import { AtelierError, type Json } from '#contract/errors.ts';
import { presetNames, type PresetName, Recipe } from '#contract/recipe.ts';
import { presets } from '#learning/model/presets.ts';
import type { Option } from './command.ts';
import { usage } from './output.ts';

const isPreset = (name: string): name is PresetName => (presetNames as readonly string[]).includes(name);

/** @throws USAGE for an unknown name or change, RECIPE_INVALID for a file that is no recipe */
export function readRecipe(nameOrFile: string, changes: readonly string[]): Recipe {
  const base: unknown = isPreset(nameOrFile) ? presets[nameOrFile].recipe : readFile(nameOrFile);
  const start = Recipe.safeParse(base);
  if (!start.success) {
    throw new AtelierError('RECIPE_INVALID', `${nameOrFile} is no recipe. ${lines(start.error.issues)}`, {
      file: nameOrFile,
      issues: start.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    });
  }
  return changeRecipe(start.data, changes);
}

/** Options of a command that asks for a recipe. */
export const recipeOptions: Record<'recipe' | 'set', Option> = {
  recipe: { type: 'string', value: `${presetNames.join('|')}|FILE`, about: 'the recipe (quick if absent)' },
  set: {
    type: 'string',
    multiple: true,
    value: 'PATH=VALUE',
    about: 'change it, such as training.epochs=5; VALUE may be JSON',
  },
};

/** The recipe with changes by --set, in their order. @throws USAGE where one cannot be made */
export function changeRecipe(recipe: Recipe, changes: readonly string[]): Recipe {
  const changed = JSON.parse(JSON.stringify(recipe)) as Json;
  for (const change of changes) setPath(changed, change);
  const result = Recipe.safeParse(changed);
  if (!result.success) {
    throw usage(`--set ${changes.join(' --set ')} does not make a recipe. ${lines(result.error.issues)}`, {
      issues: result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    });
  }
  return result.data;
}

const lines = (issues: readonly { path: PropertyKey[]; message: string }[]) =>
  issues.map(({ path, message }) => `${path.join('.') || 'recipe'}: ${message}`).join('; ');

function readFile(path: string): unknown {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch {
    throw usage(
      `Expected --recipe ${presetNames.join('|')} or a JSON file, received ${path}, which is neither.`,
    );
  }
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new AtelierError('RECIPE_INVALID', `${path} is no JSON: ${(error as Error).message}.`, {
      file: path,
    });
  }
}

/**
 * Applies `training.epochs=5`, `model.layers.0.filters=16`, `augmentation.+={"kind":"crop", …}` (adds to a list) or
 * `training.earlyStopping.patience=3`, which was null. The value is JSON where it can be read as such, else text.
 * Another `kind` takes the defaults of that kind, for its other fields are others.
 */
function setPath(recipe: Json, change: string): void {
  const [, path, value] = /^([^=]+)=(.*)$/s.exec(change) ?? [];
  if (path === undefined || value === undefined) {
    throw usage(`Expected --set path=value, such as training.epochs=5, received ${JSON.stringify(change)}.`);
  }
  const steps = path.split('.');
  const last = steps.pop()!;
  let place: Json | undefined = recipe;
  for (const step of steps) {
    if (!isBranch(place) || !Object.hasOwn(place, step)) place = undefined;
    // What is off is null; setting a part of it turns it on.
    else place = place[step] ??= {};
  }
  // A name that is not there yet is allowed at the end only (a setting of another optimizer), and then checked by the schema.
  if (!isBranch(place) || last === '__proto__') {
    throw usage(
      `The recipe has no ${path}. Its parts: ${Object.keys(recipe as object).join(', ')}; see docs or a run's recipe.`,
    );
  }
  const given = parseValue(value);
  if (Array.isArray(place)) setInList(place, last, given, path);
  else {
    if (last === 'kind' && place['kind'] !== given) for (const key of Object.keys(place)) delete place[key];
    place[last] = given;
  }
}

function setInList(list: Json[], last: string, value: Json, path: string): void {
  const at = last === '+' ? list.length : Number(last);
  if (last !== '+' && (!/^\d+$/.test(last) || at > list.length)) {
    throw usage(
      `Expected a place of ${path.slice(0, -last.length - 1)}, from 0 to ${list.length}, or + to add one, received ${last}.`,
    );
  }
  list[at] = value;
}

const isBranch = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' && value !== null;

function parseValue(value: string): Json {
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}
