/**
 * Setting one field of a recipe by its path, such as "training.learningRate" or "augmentation.0.probability": for the form,
 * for --set and for the values of a search alike. Whether the result is a recipe is left to the schema.
 */
import { AtelierError, type Json } from '#contract/errors.ts';
import { type Field, fieldAt } from './fields.ts';

/** Every object has these from its prototype; no recipe has a field of the name. */
const inherited = ['__proto__', 'constructor', 'prototype'];

/**
 * Changes `recipe` itself. What is off (null) is turned on by setting a part of it, or by "on"; "off" turns it off. Another
 * kind takes the defaults of that kind, for its other fields are others, and may be named alone: "adam". The place + of a
 * list is behind its last entry. The last step may be a name that is not there yet, such as a setting of another optimizer.
 * @throws RECIPE_INVALID where the path leads nowhere
 */
export function setField(recipe: Json, path: string, value: Json): void {
  const steps = path.split('.');
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
