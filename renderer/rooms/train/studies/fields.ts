/**
 * The fields of a recipe that a search can vary, each with what it is varied over to begin with (ranges.ts). Names come
 * from the words of the recipe's form. Left out is what makes no recipe better: its name, seed and budget, the k of
 * top-k, layers frozen for fine-tuning, and the precision, which has a comparison of its own.
 */
import { Initialiser } from '#recipe/layer.ts';
import { Preprocessing, type Recipe } from '#recipe/recipe.ts';
import type { Json } from '#contract/errors.ts';
import type { SearchParameter } from '#contract/study.ts';
import { augmentationWords } from '../recipe/words/augmentations.ts';
import type { AnyKindWords, FieldWords } from '../recipe/words/field.ts';
import { layerWords } from '../recipe/words/layers.ts';
import { settingWords } from '../recipe/words/settings.ts';
import { classWeightWords, lossWords, optimizerWords, scheduleWords } from '../recipe/words/training.ts';
import { labelOf } from '../recipe/words/values.ts';
import { choice, integer, number, rangeOf, sides } from './ranges.ts';

export interface SearchField {
  path: string;
  label: string;
  /** All that it can be found by, in lower case. */
  haystack: string;
  parameter: SearchParameter;
}

type Words = Record<string, AnyKindWords>;
const starts = (table: Words, kinds = Object.keys(table)): Json[] =>
  kinds.map((kind) => table[kind]!.start as Json);

/** Settings of the recipe as a whole, the most usual first. */
function settingsOf({ training, preprocessing }: Recipe): SearchParameter[] {
  const { epochs, earlyStopping } = training;
  return [
    number('training.learningRate', 1e-4, 1, true),
    number('training.weightDecay', 1e-6, 1e-2, true),
    choice('training.batchSize', [32, 64, 128, 256]),
    integer('training.epochs', Math.max(1, Math.floor(epochs / 2)), Math.max(2, epochs * 2)),
    choice('training.optimizer', starts(optimizerWords, ['sgd', 'adam', 'adamw'])),
    choice('training.schedule', starts(scheduleWords, ['constant', 'cosine', 'one-cycle'])),
    number('training.labelSmoothing', 0, 0.2),
    choice('training.weightAveraging', [null, 0.99, 0.999]),
    choice('training.gradientClipping', [null, 1, 5]),
    choice('training.loss', starts(lossWords)),
    choice('training.classWeights', starts(classWeightWords, ['equal', 'balanced'])),
    choice('training.sampling', ['shuffled', 'balanced']),
    choice('training.earlyStopping', [null, { patience: 3 }, { patience: 10 }]),
    ...(earlyStopping ? [integer('training.earlyStopping.patience', 2, 10)] : []),
    choice('model.initialiser', Initialiser.options),
    number('model.l1', 1e-7, 1e-3, true),
    number('model.l2', 1e-6, 1e-2, true),
    sides('preprocessing.width', preprocessing.width),
    sides('preprocessing.height', preprocessing.height),
    choice('preprocessing.channels', [1, 3]),
    choice('preprocessing.fit', Preprocessing.shape.fit.options),
    choice('preprocessing.normalisation', [
      { kind: 'measured' },
      { kind: 'given', mean: [0.5], deviation: [0.5] },
    ]),
  ];
}

/** The fields of one kind: of an optimizer, an augmentation, a layer. */
function fieldsOf(thing: { kind: string }, path: string, table: Words, place = ''): SearchField[] {
  const words = table[thing.kind]!;
  const name = `${place}${words.name}`;
  return Object.entries(words.fields).flatMap(([key, field]) => {
    const at = `${path}.${key}`;
    const parameter = rangeOf(at, (thing as Record<string, unknown>)[key], field);
    const names = `${name},${words.also ?? ''},${field.label},${field.also ?? ''},${at}`;
    return parameter
      ? [{ path: at, label: `${name}: ${field.label}`, haystack: names.toLowerCase(), parameter }]
      : [];
  });
}

/** All fields of this recipe that can be varied. */
export function searchable(recipe: Recipe): SearchField[] {
  const { training, model, augmentation } = recipe;
  return [
    ...settingsOf(recipe).map((parameter): SearchField => {
      const { path } = parameter;
      const { label, also = '' }: FieldWords = settingWords[path as keyof typeof settingWords];
      return { path, label, haystack: `${label},${also},${path}`.toLowerCase(), parameter };
    }),
    ...fieldsOf(training.optimizer, 'training.optimizer', optimizerWords),
    ...fieldsOf(training.schedule, 'training.schedule', scheduleWords),
    ...fieldsOf(training.loss, 'training.loss', lossWords),
    ...augmentation.flatMap((one, index) =>
      fieldsOf(one, `augmentation.${index}`, augmentationWords, `${index + 1}. `),
    ),
    ...model.layers.flatMap((one, index) =>
      fieldsOf(one, `model.layers.${index}`, layerWords, `${index + 1}. `),
    ),
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
