/**
 * The recipe that `train` is told: a preset's name or a JSON file, then changes by --set path=value.
 */
import { readFileSync } from 'node:fs';
import { AtelierError, type Json, toWireError } from '#contract/errors.ts';
import { setField } from '#contract/recipe-path.ts';
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
  for (const change of changes) applyChange(changed, change);
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
 * Applies `training.epochs=5`, `model.layers.0.filters=16` or `augmentation.+={"kind":"crop", …}`; see `setField`. The
 * value is JSON where it can be read as such, else text.
 */
function applyChange(recipe: Json, change: string): void {
  const [, path, value] = /^([^=]+)=(.*)$/s.exec(change) ?? [];
  if (path === undefined || value === undefined) {
    throw usage(`Expected --set path=value, such as training.epochs=5, received ${JSON.stringify(change)}.`);
  }
  try {
    setField(recipe, path, parseValue(value));
  } catch (thrown) {
    const { message } = toWireError(thrown);
    throw usage(`--set ${change} cannot be made. ${message} To add to a list: --set LIST.+=VALUE.`);
  }
}

function parseValue(value: string): Json {
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}
