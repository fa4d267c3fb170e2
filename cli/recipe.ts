/**
 * What a command is told to train: the recipe (a preset, a JSON file, or that of a run or study), then a backbone by --backbone and
 * changes by --set path=value; and by --continue or --fine-tune the earlier run whose weights it begins with.
 */
import { readFileSync } from 'node:fs';
import { type BackboneStart, beginWith } from '#recipe/backbone-start.ts';
import { AtelierError, type Json, toWireError } from '#contract/errors.ts';
import { fields, namesOf } from '#recipe/fields.ts';
import { matches } from '#recipe/find.ts';
import { setField } from '#recipe/path.ts';
import { type PresetName, presetNames, Recipe } from '#recipe/recipe.ts';
import type { StudioClient } from '#contract/rpc.ts';
import { presetsFor } from '#recipe/presets.ts';
import { fashionMnist, leastForBackbone } from '#recipe/project-facts.ts';
import { BackboneName } from '#recipe/backbone-name.ts';
import { visible } from '#contract/visible.ts';
import { requireBackbone } from '#learning/backbones/backbones.ts';
import { backboneTitle, defineBackbone } from '#learning/backbones/definition.ts';
import { listOwn } from '#learning/backbones/own.ts';
import { backboneStart } from '#recipe/auto-recipe.ts';
import type { Origin } from '#contract/run.ts';
import { chooseRun, chooseStudy } from './choose.ts';
import { type Option, text, texts, type Values } from './command.ts';
import { type Output, usage } from './output.ts';

const isPreset = (name: string): name is PresetName => (presetNames as readonly string[]).includes(name);

/** A preset is that for Fashion-MNIST. @throws USAGE for an unknown name or change, RECIPE_INVALID for a file that is no recipe */
export const readRecipe = (nameOrFile: string, changes: readonly string[]): Recipe =>
  changeRecipe(readBase(nameOrFile), changes);

function readBase(nameOrFile: string): Recipe {
  const base: unknown = isPreset(nameOrFile) ? presetOf(nameOrFile) : readFile(nameOrFile);
  const start = Recipe.safeParse(base);
  if (!start.success) {
    throw new AtelierError('RECIPE_INVALID', `${nameOrFile} is no recipe. ${lines(start.error.issues)}`, {
      file: nameOrFile,
      issues: start.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
    });
  }
  return start.data;
}

const presetOf = (name: PresetName) =>
  (presetsFor(fashionMnist).find(({ preset }) => preset === name) ?? noBackbone()).recipe;

function noBackbone(): never {
  throw usage(
    `Expected a project whose images a pre-trained backbone suits, of ${leastForBackbone} pixels a side or more, and that backbone on this machine (atelier doctor names it), for --recipe fine-tune. Use --recipe auto.`,
  );
}

const places = `${presetNames.join('|')}|FILE|RUN|STUDY`;

/** Options of a command that asks for a recipe. */
export const recipeOptions: Record<'recipe' | 'backbone' | 'set', Option> = {
  recipe: {
    type: 'string',
    value: places,
    about:
      "the recipe (auto if absent, made for the project), also by a run's id, or a study's: its best trial's",
  },
  backbone: {
    type: 'string',
    value: 'NAME',
    about:
      'put its layers, frozen, in front of a head, in place of those of the recipe (see atelier backbones)',
  },
  set: {
    type: 'string',
    multiple: true,
    value: 'PATH=VALUE',
    about:
      'change a field, such as training.epochs=5 or training.optimizer=lion; VALUE may be JSON. Fields: atelier recipe',
  },
};

/**
 * Reads a recipe that was asked for when the project is open: null where the command has none.
 * @throws NOT_FOUND, CONFLICT, USAGE
 */
export type AskedRecipe = (client: StudioClient | null) => Promise<Recipe>;

/**
 * The recipe of these options. What needs no project is read, and refused, at once; a preset is made for the project.
 * @param tell why `auto` is what it is
 * @throws as `readRecipe`
 */
export function askedRecipe(values: Values, tell: (why: string) => void = () => {}): AskedRecipe {
  const given = text(values.recipe) ?? 'auto';
  const changes = texts(values.set);
  const backbone = askedBackbone(values);
  const changed = (recipe: Recipe) =>
    changeRecipe(backbone ? beginWith(recipe, backbone.start) : recipe, changes);
  if (isPreset(given)) {
    // Changes that fit no recipe are refused before a project is opened.
    const recipe = given === 'fine-tune' ? null : changed(readBase(given));
    return async (client) => {
      if (!client) return recipe ?? changed(readBase(given));
      const { presets } = await client.recipes.presets();
      const found = presets.find(({ preset }) => preset === given) ?? noBackbone();
      if (backbone) tell(`A head on the frozen features of ${backbone.title}, trained as ${given} is.`);
      else if (given === 'auto' || given === 'fine-tune') tell(found.about);
      return changed(found.recipe);
    };
  }
  if (isKept(given)) {
    return async (client) => {
      if (client) return changed(await recipeKept(client, given));
      throw usage(`Expected a PROJECT with --recipe ${given}, which names a recipe of one.`);
    };
  }
  const recipe = changed(readBase(given));
  return () => Promise.resolve(recipe);
}

/** Says why a recipe is what it is, in lines that fit a terminal of 80 columns. */
export function tellRecipe(why: string, output: Output): void {
  output.event('recipe.chosen', { why });
  for (const line of `Recipe: ${why}`.match(/.{1,80}(?:\s+|$)/g) ?? []) output.line(line.trimEnd());
}

/** Whether this is the id of a run or study, whose recipe the project keeps; a file of such a name is ./run-1. */
const isKept = (given: string) => /^(run|study)-\d+$/.test(given);

/** Of a search its best trial's, of another study the one it judges. @throws NOT_FOUND, CONFLICT before any trial has a score */
async function recipeKept(client: StudioClient, id: string): Promise<Recipe> {
  if (id.startsWith('run-')) return (await chooseRun(client, id)).recipe;
  const study = await chooseStudy(client, id);
  if (study.plan.kind !== 'search') return study.recipe;
  const best = study.trials.find(({ number }) => number === study.bestTrial);
  if (best) return (await chooseRun(client, best.runId)).recipe;
  throw new AtelierError(
    'CONFLICT',
    `Expected a search with a best trial; no trial of ${id} (${study.name}) has a score yet. Go on with it, or name a run.`,
    { study: id },
  );
}

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
      `Expected --recipe ${presetNames.join('|')}, a JSON file or the id of a run or study, received ${path}, which is none of these.`,
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
    const near = fields.find((field) => matches(path.split('.').at(-1)!, `${field.key},${namesOf(field)}`));
    const hint = near ? ` Did you mean ${near.path}?` : '';
    throw usage(`--set ${change} cannot be made.${hint} ${message} To add to a list: --set LIST.+=VALUE.`);
  }
}

function parseValue(value: string): Json {
  try {
    return JSON.parse(value) as Json;
  } catch {
    return value;
  }
}

/**
 * The backbone of this name: NAME@DIGEST, or NAME alone where one that was added has it; null where it can be none.
 * @throws USAGE where several have it
 */
export function namedBackbone(given: string): BackboneName | null {
  const parsed = BackboneName.safeParse(given);
  if (parsed.success) return parsed.data;
  const [first, ...others] = listOwn().filter(({ name }) => backboneTitle(name) === given);
  if (others.length > 0)
    throw usage(
      `Expected one backbone, ${given} is ${[first!, ...others].map(({ name }) => name).join(' and ')}. Name it with its digest.`,
    );
  return first?.name ?? null;
}

/** What was asked for by --backbone; null for nothing. @throws NOT_FOUND, BACKBONE_NOT_FOUND, USAGE */
function askedBackbone(values: Values): { title: string; start: BackboneStart } | null {
  const given = text(values.backbone);
  if (given === undefined) return null;
  const name = namedBackbone(given);
  if (name === null)
    throw new AtelierError(
      'NOT_FOUND',
      `Expected the name of a backbone for --backbone, received ${visible(given)}. See: atelier backbones.`,
      { name: given },
    );
  requireBackbone(name);
  const definition = defineBackbone(name)!;
  return { title: definition.title, start: { name, ...backboneStart(definition) } };
}

export const originOptions: Record<'continue' | 'fine-tune', Option> = {
  continue: { type: 'string', value: 'RUN', about: "go on anew with another run's weights and optimizer" },
  'fine-tune': { type: 'string', value: 'RUN', about: "begin anew with another run's weights" },
};

interface NamedOrigin {
  /** As the person named it. */
  run: string;
  how: Origin['how'];
}

/** null for random weights. @throws USAGE where both are given */
function originOf(values: Values): NamedOrigin | null {
  const continued = text(values.continue);
  const tuned = text(values['fine-tune']);
  if (continued !== undefined && tuned !== undefined)
    throw usage('Expected --continue RUN or --fine-tune RUN, received both.');
  if (continued !== undefined) return { run: continued, how: 'continue' };
  return tuned === undefined ? null : { run: tuned, how: 'fine-tune' };
}

/** What is trained, and the run it begins with; random weights where absent. */
export interface Beginning {
  recipe: Recipe;
  origin?: Origin;
}

/**
 * The recipe and the earlier run that were asked for; with an earlier run and no recipe, that run's own. What does not
 * depend on the project is refused before it is opened.
 * @throws USAGE, RECIPE_INVALID; the answer as `chooseRun` does
 */
export function askedBeginning(
  values: Values,
  tell?: (why: string) => void,
): (client: StudioClient) => Promise<Beginning> {
  const named = originOf(values);
  const changes = texts(values.set);
  if (named && values.backbone !== undefined)
    throw usage(
      `Expected --backbone NAME or --${named.how} RUN, received both: weights come from one of them.`,
    );
  const asked = named && values.recipe === undefined ? null : askedRecipe(values, tell);
  return async (client) => {
    const earlier = named && (await chooseRun(client, named.run));
    const recipe = asked ? await asked(client) : changeRecipe(earlier!.recipe, changes);
    return earlier ? { recipe, origin: { runId: earlier.id, how: named.how } } : { recipe };
  };
}
