/**
 * The fields of a recipe that a search can vary, each with a range that is sensible to begin with. Names come from the
 * words of the recipe's form. Whether a value makes a recipe is asked of its schema; the studio checks the whole space.
 */
import {
  type Augmentation,
  Initialiser,
  type Layer,
  type Loss,
  type Optimizer,
  Recipe,
  type Schedule,
} from '#contract/recipe.ts';
import type { SearchParameter } from '#contract/study.ts';
import type { Json } from '#contract/errors.ts';
import { augmentationWords } from '../recipe/words/augmentations.ts';
import type { AnyKindWords, FieldWords } from '../recipe/words/field.ts';
import { layerWords } from '../recipe/words/layers.ts';
import { type SettingPath, settingWords } from '../recipe/words/settings.ts';
import { classWeightWords, lossWords, optimizerWords, scheduleWords } from '../recipe/words/training.ts';
import { labelOf } from '../recipe/words/values.ts';

export interface SearchField {
  path: string;
  label: string;
  group: 'Training' | 'Augmentation' | 'Model';
  /** All that it can be found by, in lower case. */
  haystack: string;
  parameter: SearchParameter;
}

const number = (path: string, low: number, high: number, logarithmic = false): SearchParameter => ({
  kind: 'number',
  path,
  low,
  high,
  logarithmic,
  points: 3,
});
const integer = (path: string, low: number, high: number): SearchParameter => ({
  kind: 'integer',
  path,
  low,
  high,
  logarithmic: false,
  points: Math.min(3, high - low + 1),
});
const choice = (path: string, values: Json[]): SearchParameter => ({ kind: 'choice', path, values });
const starts = (table: Record<string, AnyKindWords>, kinds = Object.keys(table)): Json[] =>
  kinds.map((kind) => table[kind]!.start as Json);

/** Settings with ranges of their own; all others are found by walking the recipe. */
const chosen: SearchParameter[] = [
  number('training.learningRate', 1e-4, 1, true),
  number('training.weightDecay', 1e-6, 1e-2, true),
  choice('training.batchSize', [32, 64, 128, 256]),
  choice('training.optimizer', starts(optimizerWords, ['sgd', 'adam', 'adamw'])),
  choice('training.schedule', starts(scheduleWords, ['constant', 'cosine', 'one-cycle'])),
  number('training.labelSmoothing', 0, 0.2),
  choice('training.weightAveraging', [null, 0.99, 0.999]),
  choice('training.gradientClipping', [null, 1, 5]),
  choice('training.loss', starts(lossWords)),
  choice('training.classWeights', starts(classWeightWords, ['equal', 'balanced'])),
  choice('training.sampling', ['shuffled', 'balanced']),
  choice('model.initialiser', [...Initialiser.options]),
  number('model.l1', 1e-7, 1e-3, true),
  number('model.l2', 1e-6, 1e-2, true),
];

/** A number of an augmentation, a layer, an optimizer: from its words where they say, else from half to twice its value. */
function around(path: string, value: number, words: FieldWords): SearchParameter {
  const [low, high] = words.span ?? [];
  if (words.logarithmic)
    return number(path, low ?? (value > 0 ? value / 100 : 1e-6), high ?? Math.max(value * 100, 1e-3), true);
  if (Number.isInteger(value) && (words.step ?? 0) >= 1)
    return integer(path, Math.max(1, Math.floor(value / 2)), Math.max(2, value * 2));
  if (words.percent) return number(path, low ?? 0, high ?? Math.min(1, Math.max(0.5, value * 2)));
  if (/beta|momentum|decay/i.test(path)) return number(path, Math.min(0.5, value), 0.99);
  return number(path, low ?? Math.min(0, value), high ?? Math.max(1, value * 2));
}

function settingsOf(
  thing: Augmentation | Layer | Optimizer | Schedule | Loss,
  path: string,
  words: AnyKindWords,
  name: string,
  group: SearchField['group'],
): SearchField[] {
  return Object.entries(thing).flatMap(([key, value]) => {
    const field = words.fields[key];
    if (!field || typeof value !== 'number') return [];
    return [
      {
        path: `${path}.${key}`,
        label: `${name}: ${field.label}`,
        group,
        haystack:
          `${name},${words.also ?? ''},${field.label},${field.also ?? ''},${path}.${key}`.toLowerCase(),
        parameter: around(`${path}.${key}`, value, field),
      },
    ];
  });
}

/** All fields of this recipe that can be varied, the most usual first. */
export function searchable(recipe: Recipe): SearchField[] {
  const { training, model, augmentation } = recipe;
  const main = chosen.map((parameter): SearchField => {
    const words: FieldWords = settingWords[parameter.path as keyof typeof settingWords & SettingPath];
    return {
      path: parameter.path,
      label: words.label,
      group: parameter.path.startsWith('model') ? 'Model' : 'Training',
      haystack: `${words.label},${words.also ?? ''},${parameter.path}`.toLowerCase(),
      parameter,
    };
  });
  const kinds = (table: Record<string, AnyKindWords>, kind: string) => table[kind]!;
  const { optimizer, schedule, loss } = training;
  return [
    ...main,
    ...settingsOf(
      optimizer,
      'training.optimizer',
      kinds(optimizerWords, optimizer.kind),
      kinds(optimizerWords, optimizer.kind).name,
      'Training',
    ),
    ...settingsOf(
      schedule,
      'training.schedule',
      kinds(scheduleWords, schedule.kind),
      kinds(scheduleWords, schedule.kind).name,
      'Training',
    ),
    ...settingsOf(
      loss,
      'training.loss',
      kinds(lossWords, loss.kind),
      kinds(lossWords, loss.kind).name,
      'Training',
    ),
    ...augmentation.flatMap((one, index) => {
      const words = kinds(augmentationWords, one.kind);
      return settingsOf(one, `augmentation.${index}`, words, `${index + 1}. ${words.name}`, 'Augmentation');
    }),
    ...model.layers.flatMap((one, index) => {
      const words = kinds(layerWords, one.kind);
      return settingsOf(one, `model.layers.${index}`, words, `${index + 1}. ${words.name}`, 'Model');
    }),
  ];
}

/** Names of all fields of a recipe by their paths, those that cannot be searched included. */
export function labelsOf(recipe: Recipe): (path: string) => string {
  const labels = new Map(searchable(recipe).map(({ path, label }) => [path, label]));
  return (path) => {
    const known = labels.get(path);
    if (known) return known;
    const [, list, place] = /^(augmentation|model\.layers)\.(\d+)$/.exec(path) ?? [];
    if (list) return `${list === 'augmentation' ? 'Augmentation' : 'Layer'} ${Number(place) + 1}`;
    return labelOf(path);
  };
}

/** The range that is proposed for a field, drawn in to what the recipe allows. */
export function proposed(recipe: Recipe, { path, parameter }: SearchField): SearchParameter {
  if (parameter.kind === 'choice') return parameter;
  const now = path
    .split('.')
    .reduce<unknown>((place, step) => (place as Record<string, unknown>)[step], recipe);
  const fits = (value: number) => faultOfValue(recipe, path, value) === null;
  const best = (...candidates: number[]) => candidates.find(fits) ?? (now as number);
  const value = typeof now === 'number' ? now : parameter.low;
  const tenth = (share: number) =>
    parameter.kind === 'integer' ? Math.max(1, Math.round(value * share)) : value * share;
  return {
    ...parameter,
    low: best(parameter.low, tenth(0.2), tenth(0.5)),
    high: best(parameter.high, tenth(1.5), 1),
  };
}

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
  if (parameter.kind === 'choice') {
    if (parameter.values.length < 2) return 'Choose two values or more.';
    const wrong = parameter.values
      .map((value) => [value, faultOfValue(recipe, parameter.path, value as Json)] as const)
      .find(([, fault]) => fault !== null);
    return wrong ? `${valueWords(wrong[0] as Json)}: ${wrong[1]}` : null;
  }
  const { low, high, path, logarithmic } = parameter;
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

const kindNames: Record<string, AnyKindWords> = {
  ...optimizerWords,
  ...scheduleWords,
  ...lossWords,
  ...classWeightWords,
  ...augmentationWords,
  ...layerWords,
};
/** Of these the kind alone does not tell them apart in a table. */
const detailed = new Set([...Object.keys(augmentationWords), ...Object.keys(layerWords)]);

/** A value as it stands in a table: a number with four digits, the name of a kind, "none". */
export function valueWords(value: Json | undefined): string {
  if (value === undefined) return '–';
  if (value === null) return 'none';
  if (typeof value === 'number') {
    const size = Math.abs(value);
    return value !== 0 && (size < 1e-3 || size >= 1e5)
      ? value.toExponential(1).replace('.0e', 'e')
      : String(Number(value.toPrecision(4)));
  }
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return `${value.length} entries`;
  const kind = value['kind'];
  if (typeof kind !== 'string') return JSON.stringify(value);
  const words = kindNames[kind];
  if (!words || !detailed.has(kind)) return words?.name ?? kind;
  const numbers = Object.entries(value).flatMap(([key, own]) =>
    typeof own === 'number' && words.fields[key]
      ? [`${words.fields[key].label.toLowerCase()} ${valueWords(own)}`]
      : [],
  );
  return [words.name, ...numbers].join(', ');
}
