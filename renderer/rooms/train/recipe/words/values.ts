/** Values of the recipe in a few words: for "back to …", lists of changes, tables and the choices of a search. */
import { figure } from '../../../../format.ts';
import { shownNumber } from '../../../../parts/form/number.ts';
import { augmentationWords } from './augmentations.ts';
import type { AnyKindWords, FieldWords } from './field.ts';
import { activationNames, initialiserNames, layerWords } from './layers.ts';
import { type SettingPath, settingWords } from './settings.ts';
import {
  classWeightWords,
  fitNames,
  lossWords,
  normalisationNames,
  optimizerWords,
  precisionNames,
  samplingNames,
  scheduleWords,
} from './training.ts';

const names: Record<string, string> = {
  ...activationNames,
  ...initialiserNames,
  ...fitNames,
  ...precisionNames,
};
const kinds: Record<string, Record<string, AnyKindWords>> = {
  'training.optimizer': optimizerWords,
  'training.schedule': scheduleWords,
  'training.loss': lossWords,
  'training.classWeights': classWeightWords,
};
const entries: Record<string, AnyKindWords> = { ...augmentationWords, ...layerWords };

/** The label of a path: of a setting, or of a field of its kind, such as "Optimizer: Momentum". */
export function labelOf(path: string): string {
  const own = (settingWords as Record<string, FieldWords>)[path];
  if (own) return own.label;
  const at = path.lastIndexOf('.');
  const [parent, key] = [path.slice(0, at), path.slice(at + 1)];
  const field = Object.values(kinds[parent] ?? {}).find(({ fields }) => key in fields)?.fields[key];
  return field
    ? `${settingWords[parent as SettingPath & keyof typeof settingWords].label}: ${field.label}`
    : path;
}

/** "0.1", "off", "Adam", "9 layers"; "–" where there is no such field. Numbers as they could be typed. */
export const shownValue = (path: string, value: unknown): string => words(path, value, shownNumber);

/** The same with numbers rounded to be read, for tables. */
export const briefValue = (path: string, value: unknown): string => words(path, value, figure);

type Written = (value: number) => string;

function words(path: string, value: unknown, written: Written): string {
  if (value === undefined) return '–';
  if (value === null) return 'off';
  if (typeof value === 'number') return path === 'preprocessing.channels' ? channels(value) : written(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string')
    return path === 'training.sampling'
      ? samplingNames[value as keyof typeof samplingNames]
      : (names[value] ?? value);
  if (Array.isArray(value)) return ofList(path, value, written);
  if (path === 'preprocessing.normalisation')
    return normalisationNames[(value as { kind: keyof typeof normalisationNames }).kind];
  if (path === 'training.earlyStopping') return `after ${(value as { patience: number }).patience} epochs`;
  const kind = (value as { kind?: string }).kind;
  if (!kind) return JSON.stringify(value);
  return kinds[path]?.[kind]?.name ?? ofEntry(value, kind, written);
}

const channels = (count: number): string => (count === 3 ? 'colour' : 'grey');

function ofList(path: string, list: unknown[], written: Written): string {
  if (path === 'model.layers') return `${list.length} ${list.length === 1 ? 'layer' : 'layers'}`;
  if (path === 'augmentation') {
    const all = list as { kind: keyof typeof augmentationWords }[];
    return all.length === 0 ? 'none' : all.map(({ kind }) => augmentationWords[kind].name).join(', ');
  }
  return list.map((value) => (typeof value === 'number' ? written(value) : String(value))).join(', ');
}

/** A layer or an augmentation with its numbers: its kind alone would not tell it from its neighbours. */
function ofEntry(value: object, kind: string, written: Written): string {
  const known = entries[kind];
  if (!known) return kind;
  const numbers = Object.entries(value).flatMap(([key, own]) =>
    typeof own === 'number' && known.fields[key]
      ? [`${known.fields[key].label.toLowerCase()} ${written(own)}`]
      : [],
  );
  return [known.name, ...numbers].join(', ');
}

/** Kinds of layers in their order, repeated ones counted: "3 × Convolution, Max pool". */
export function shownLayers(layers: readonly { kind: keyof typeof layerWords }[]): string {
  const groups: { kind: keyof typeof layerWords; count: number }[] = [];
  for (const { kind } of layers) {
    const last = groups.at(-1);
    if (last?.kind === kind) last.count += 1;
    else groups.push({ kind, count: 1 });
  }
  return groups
    .map(({ kind, count }) => `${count > 1 ? `${count} × ` : ''}${layerWords[kind].name}`)
    .join(', ');
}
