/** Values of the recipe in a few words, for "back to …" and the list of changes. */
import { shownNumber } from '../../../../parts/number.ts';
import { augmentationWords } from './augmentations.ts';
import type { FieldWords } from './field.ts';
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
const kinds: Record<string, Record<string, { name: string; fields: Record<string, FieldWords> }>> = {
  'training.optimizer': optimizerWords,
  'training.schedule': scheduleWords,
  'training.loss': lossWords,
  'training.classWeights': classWeightWords,
};

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

/** "0.1", "off", "Adam", "9 layers". */
export function shownValue(path: string, value: unknown): string {
  if (value === null || value === undefined) return 'off';
  if (typeof value === 'number')
    return path === 'preprocessing.channels' ? channels(value) : shownNumber(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string')
    return path === 'training.sampling'
      ? samplingNames[value as keyof typeof samplingNames]
      : (names[value] ?? value);
  if (Array.isArray(value)) return shownList(path, value);
  if (path === 'preprocessing.normalisation')
    return normalisationNames[(value as { kind: keyof typeof normalisationNames }).kind];
  if (path === 'training.earlyStopping') return `after ${(value as { patience: number }).patience} epochs`;
  const kind = (value as { kind?: string }).kind;
  return kind ? (kinds[path]?.[kind]?.name ?? kind) : JSON.stringify(value);
}

const channels = (count: number): string => (count === 3 ? 'colour' : 'grey');

function shownList(path: string, list: unknown[]): string {
  if (path === 'model.layers') return `${list.length} ${list.length === 1 ? 'layer' : 'layers'}`;
  if (path === 'augmentation') {
    const all = list as { kind: keyof typeof augmentationWords }[];
    return all.length === 0 ? 'none' : all.map(({ kind }) => augmentationWords[kind].name).join(', ');
  }
  return list.map((value) => (typeof value === 'number' ? shownNumber(value) : String(value))).join(', ');
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
