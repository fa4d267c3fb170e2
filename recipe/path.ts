/**
 * Setting fields of a recipe by their paths, such as "training.learningRate" or "augmentation.0.probability": for the form,
 * for --set, for what improvements and findings change and for the values of a search alike. Whether the result is a recipe is left to
 * the schema.
 */
import { AtelierError, type Json } from '#contract/errors.ts';
import { augmentationKinds, type Field, fieldAt } from './fields.ts';
import { CurrentRecipe, type Recipe } from './recipe.ts';

/** Fields that are to be changed, by path, each as `setField` takes it. */
export type FieldChanges = Readonly<Record<string, Json>>;

/** Every object has these from its prototype; no recipe has a field of the name. */
const inherited = ['__proto__', 'constructor', 'prototype'];

/**
 * Changes `recipe` itself. What is off (null) is turned on by setting a part of it, or by "on"; "off" turns it off. Another
 * kind takes the defaults of that kind, for its other fields are others, and may be named alone: "adam". The place + of a
 * list is behind its last entry. The last step may be a name that is not there yet, such as a setting of another optimizer.
 * An augmentation may be named by its kind, wherever it stands: "augmentation.crop" is turned on by "on" or by setting a part of
 * it, behind the others where it is not there yet, and "off" leaves all of that kind out.
 * @throws RECIPE_INVALID where the path leads nowhere
 */
export function setField(recipe: Json, path: string, value: Json): void {
  const steps = path.split('.');
  const [list, kind] = steps as [string, string | undefined];
  if (list === 'augmentation' && kind !== undefined && Object.hasOwn(augmentationKinds, kind))
    return setAugmentation(recipe, kind, steps.slice(2), value);
  const last = steps.pop()!;
  let place: Json | undefined = recipe;
  for (const step of steps) {
    if (!isBranch(place) || !hasStep(place, step)) throw nowhere(recipe, path);
    place = place[step] ??= {};
  }
  if (!isBranch(place) || inherited.includes(last)) throw nowhere(recipe, path);
  const given = meant(path, JSON.parse(JSON.stringify(value)) as Json);
  if (Array.isArray(place)) {
    if (last === '+') place.push(given);
    else if (hasStep(place, last)) place[Number(last)] = given;
    else throw noEntry(path, place.length);
    return;
  }
  if (last === 'kind' && place['kind'] !== given) for (const key of Object.keys(place)) delete place[key];
  place[last] = given;
  if (path === 'preprocessing.channels') oneNumberPerChannel(place);
}

/** What is in the recipe once only, or not at all, is best named by what it is. */
function setAugmentation(recipe: Json, kind: string, rest: readonly string[], value: Json): void {
  const path = ['augmentation', kind, ...rest].join('.');
  const entries = isBranch(recipe) ? recipe['augmentation'] : undefined;
  if (!Array.isArray(entries)) throw nowhere(recipe, path);
  const isOfKind = (entry: Json) => isBranch(entry) && !Array.isArray(entry) && entry['kind'] === kind;
  const at = entries.findIndex(isOfKind);
  if (rest.length > 0) {
    if (at < 0) entries.push({ kind });
    return setField(recipe, `augmentation.${at < 0 ? entries.length - 1 : at}.${rest.join('.')}`, value);
  }
  if (value === 'off') {
    for (let place = entries.length - 1; place >= 0; place -= 1)
      if (isOfKind(entries[place]!)) entries.splice(place, 1);
  } else if (value === 'on') {
    if (at < 0) entries.push({ kind });
  } else
    throw new AtelierError(
      'RECIPE_INVALID',
      `Expected on or off for ${path}, received ${JSON.stringify(value)}. Set a part of it, or add a whole one with augmentation.+.`,
      { path },
    );
}

/**
 * A recipe with these fields set, in their order. What they do not say is as it begins; where they make no recipe, what is wrong stays
 * for the caller to show.
 * @throws RECIPE_INVALID where a path leads nowhere
 */
export function withFields(recipe: Recipe, changes: FieldChanges): Recipe {
  const changed = JSON.parse(JSON.stringify(recipe)) as Json;
  for (const [path, value] of Object.entries(changes)) setField(changed, path, value);
  const whole = CurrentRecipe.safeParse(changed);
  return whole.success ? whole.data : (changed as Recipe);
}

/** The same changes as the command line takes them: "--set training.epochs=20". */
export const setOptions = (changes: FieldChanges): string =>
  Object.entries(changes)
    .map(([path, value]) => {
      const option = `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
      return `--set ${/^[\w.,:+=-]+$/.test(option) ? option : `'${option}'`}`;
    })
    .join(' ');

/** A value as the recipe has it: "on", "off" and the name of a kind are short for it. */
function meant(path: string, value: Json): Json {
  if (typeof value !== 'string') return value;
  const place = fieldAt(path.replace(/\.\+$/, '.0'));
  if (!place) return value;
  const { field, index } = place;
  if (index === undefined && field.optional && value === 'off') return null;
  if (index === undefined && value === 'on' && field.valueWhenEnabled !== undefined)
    return field.valueWhenEnabled;
  return isKindName(field, value) ? { kind: value } : value;
}

const isKindName = ({ value: type }: Field, name: string): boolean =>
  (type.type === 'kind' || type.type === 'list') && Object.hasOwn(type.kinds, name);

/** Three numbers are two too many for grey: the mean of each stays. */
function oneNumberPerChannel(preprocessing: Record<string, Json>): void {
  const { normalisation, channels } = preprocessing;
  if (channels !== 1 || !isBranch(normalisation) || Array.isArray(normalisation)) return;
  for (const [key, values] of Object.entries(normalisation)) {
    if (!Array.isArray(values) || !values.every((one) => typeof one === 'number')) continue;
    normalisation[key] = [values.reduce((sum, one) => sum + one, 0) / values.length];
  }
}

const isBranch = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' && value !== null;

/** Of a list only its entries: `length` is a property as well. */
const hasStep = (place: Record<string, Json>, step: string): boolean =>
  Object.hasOwn(place, step) && (!Array.isArray(place) || /^\d+$/.test(step));

const nowhere = (recipe: Json, path: string) =>
  new AtelierError(
    'RECIPE_INVALID',
    `Expected a field of the recipe, received the path ${path}, which leads nowhere in it. Its parts: ${Object.keys(recipe as object).join(', ')}. Lists are counted from 0, as in augmentation.0.probability.`,
    { path },
  );

function noEntry(path: string, length: number): AtelierError {
  const list = path.slice(0, path.lastIndexOf('.'));
  const entries = length === 0 ? 'it is empty' : `it has 0 to ${length - 1}`;
  return new AtelierError(
    'RECIPE_INVALID',
    `Expected an entry of ${list}, received the path ${path}, which leads nowhere: ${entries}.`,
    { path },
  );
}
