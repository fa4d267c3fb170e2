/**
 * Recipes of earlier formats, and paths into them, as this format has them. What is no recipe is left as it is, for the
 * schema to refuse.
 */
import type { Json } from '#contract/errors.ts';

export const recipeFormat = 'atelier-recipe/2';

type Branch = Record<string, unknown>;
const isBranch = (value: unknown): value is Branch =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Names of format 1 that format 2 has otherwise: fields of one augmentation, and of the normalisation. */
const augmentationFields: Record<string, string> = { share: 'fraction', pixels: 'sigma' };
const normalisationFields: Record<string, string> = { deviation: 'std' };

const renamed = (branch: Branch, names: Record<string, string>): Branch =>
  Object.fromEntries(Object.entries(branch).map(([key, value]) => [names[key] ?? key, value]));

const augmentation = (value: unknown): unknown =>
  isBranch(value)
    ? {
        ...renamed(value, augmentationFields),
        ...(value['kind'] === 'erasing' && { kind: 'random-erasing' }),
      }
    : value;

/** Normalisation and class weights of one's own were called `given`. */
const custom = (value: unknown): unknown =>
  isBranch(value) && value['kind'] === 'given'
    ? { ...renamed(value, normalisationFields), kind: 'custom' }
    : value;

const within = (branch: Branch, key: string, change: (value: unknown) => unknown): Branch =>
  Object.hasOwn(branch, key) ? { ...branch, [key]: change(branch[key]) } : branch;

/** A recipe of format 1 as one of format 2. */
export function migrateRecipe(recipe: unknown): unknown {
  if (!isBranch(recipe) || recipe['format'] !== 'atelier-recipe/1') return recipe;
  const list = (value: unknown) => (Array.isArray(value) ? value.map(augmentation) : value);
  const inside = (part: string, key: string) => (branch: Branch) =>
    within(branch, part, (value) => (isBranch(value) ? within(value, key, custom) : value));
  return [
    (branch: Branch) => within(branch, 'augmentation', list),
    inside('preprocessing', 'normalisation'),
    inside('training', 'classWeights'),
  ].reduce((branch, change) => change(branch), { ...recipe, format: recipeFormat } as Branch);
}

/** A path into a recipe of format 1, as kept with searches and their trials. Paths of format 2 stay as they are. */
export function migratePath(path: string): string {
  const [, list, last] = /^(augmentation\.\d+\.)(\w+)$/.exec(path) ?? [];
  if (list) return `${list}${augmentationFields[last!] ?? last}`;
  return path === 'preprocessing.normalisation.deviation' ? 'preprocessing.normalisation.std' : path;
}

/** A value at a path, as kept with searches and their trials. */
export function migrateValue(path: string, value: Json): Json {
  if (/^augmentation\.\d+$/.test(path)) return augmentation(value) as Json;
  if (path === 'augmentation' && Array.isArray(value)) return value.map(augmentation) as Json;
  return path === 'preprocessing.normalisation' || path === 'training.classWeights'
    ? (custom(value) as Json)
    : value;
}

/** A parameter of a search space, its path and what it is varied over. */
export function migrateParameter(parameter: unknown): unknown {
  if (!isBranch(parameter) || typeof parameter['path'] !== 'string') return parameter;
  const path = migratePath(parameter['path']);
  const { values } = parameter;
  return {
    ...parameter,
    path,
    ...(Array.isArray(values) && { values: values.map((value: Json) => migrateValue(path, value)) }),
  };
}

/** The values of a trial, by their paths. */
export const migrateValues = (values: unknown): unknown =>
  isBranch(values)
    ? Object.fromEntries(
        Object.entries(values).map(([path, value]) => [
          migratePath(path),
          migrateValue(migratePath(path), value as Json),
        ]),
      )
    : values;

/** Preprocessing as an own backbone keeps it. */
export const migratePreprocessing = (preprocessing: unknown): unknown =>
  isBranch(preprocessing) ? within(preprocessing, 'normalisation', custom) : preprocessing;

/** Mean and standard deviation as files of weights keep them. */
export const migrateNormalisation = (normalisation: unknown): unknown =>
  isBranch(normalisation) ? renamed(normalisation, normalisationFields) : normalisation;
