/** Fields and their values in a few words: for lists of changes, summaries, tables and the choices of a search. */
import { type Field, fieldAt, fields, type Kind, type Kinds, valueAt } from './fields.ts';
import { figure, shownNumber } from './number.ts';
import type { Recipe } from './recipe.ts';
import type { SectionId } from './sections.ts';

/**
 * The label of a path: of a field, or of a field of its kind, such as "Optimizer: Momentum" and "2. Shift: Up to".
 * @param recipe where given, its kinds, such as those of its layers, are named
 */
export function labelOf(path: string, recipe?: Recipe): string {
  const place = fieldAt(path, recipe);
  if (!place) return path;
  const { field, of, index } = place;
  const parent = fieldAt(path.slice(0, path.lastIndexOf('.')), recipe)?.field ?? field;
  if (index === undefined) return of ? `${parent.label}: ${field.label}` : field.label;
  const number = `${index + 1}.`;
  if (field.value.type === 'list') return of ? `${number} ${of.label}` : `${field.label} ${index + 1}`;
  return `${number} ${of!.label}: ${field.label}`;
}

/** "0.1", "off", "Adam", "9 layers"; "–" where there is no such field. Numbers as they can be typed. */
export const shownValue = (path: string, value: unknown): string => shown(path, value, shownNumber);

/** The same with numbers rounded to be read, for tables. */
export const briefValue = (path: string, value: unknown): string => shown(path, value, figure);

type Write = (value: number) => string;

function shown(path: string, value: unknown, write: Write): string {
  if (value === undefined) return '–';
  const place = fieldAt(path);
  if (!place) return plain(value, write);
  const { field, index } = place;
  return index !== undefined && field.value.type === 'list'
    ? entryIn(field.value.kinds, value, write)
    : valueOf(field, value, write);
}

/** A value of this field. */
function valueOf(field: Field, value: unknown, write: Write): string {
  if (value === null) return 'off';
  const { value: type, options } = field;
  switch (type.type) {
    case 'choice':
      return options?.[String(value)] ?? String(value);
    case 'switch':
      return value ? 'on' : 'off';
    case 'kind':
      return type.kinds[(value as { kind: string }).kind]?.label ?? plain(value, write);
    case 'list': {
      const all = value as { kind: string }[];
      return all.length === 0 ? 'none' : countedKinds(type.kinds, all);
    }
    case 'group':
      return type.fields
        .map((one) => numberOf(one, (value as Record<string, unknown>)[one.key], write))
        .join(', ');
    default:
      return plain(value, write);
  }
}

const numberOf = ({ label, unit }: Field, value: unknown, write: Write): string =>
  `${label.toLowerCase()} ${plain(value, write)}${unit ? ` ${unit}` : ''}`;

function plain(value: unknown, write: Write): string {
  if (typeof value === 'number') return write(value);
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((one) => plain(one, write)).join(', ');
  return JSON.stringify(value);
}

/** A layer or an augmentation with its numbers: its kind alone would not tell it from its neighbours. */
function entryIn(kinds: Kinds, value: unknown, write: Write): string {
  if (value === null || typeof value !== 'object') return plain(value, write);
  const kind = kinds[(value as { kind: string }).kind];
  if (!kind) return plain(value, write);
  const numbers = Object.entries(value).flatMap(([key, own]) =>
    typeof own === 'number' && kind.fields[key]
      ? [`${kind.fields[key].label.toLowerCase()} ${write(own)}`]
      : [],
  );
  return [kind.label, ...numbers].join(', ');
}

/** Kinds of a list in their order, repeated ones counted: "3 × Convolution, Max pool". */
function countedKinds(kinds: Kinds, list: readonly { kind: string }[]): string {
  const groups: { kind: Kind | undefined; count: number }[] = [];
  for (const one of list) {
    const last = groups.at(-1);
    if (last && last.kind?.kind === one.kind) last.count += 1;
    else groups.push({ kind: kinds[one.kind], count: 1 });
  }
  return groups.map(({ kind, count }) => `${count > 1 ? `${count} × ` : ''}${kind?.label ?? '?'}`).join(', ');
}

/** What the fields of a section are, in a line: those that have a brief form unless they are off, of others those that are not as they begin. */
export const summaryOf = (section: SectionId, recipe: Recipe): string =>
  fields
    .filter((field) => field.section === section)
    .flatMap((field) => {
      const { label, brief, initial, value: type } = field;
      const value = valueAt(recipe, field.path);
      const text = lower(field, shownValue(field.path, value));
      if (brief !== undefined) return value === null ? [] : [brief.replace('…', text)];
      if (initial !== undefined && JSON.stringify(value) === JSON.stringify(initial)) return [];
      return [type.type === 'list' ? text : `${label.toLowerCase()} ${text}`];
    })
    .join(' · ');

/** Names of choices inside a line; those of kinds, such as SGD, stay as they are. */
const lower = ({ value }: Field, text: string): string =>
  value.type === 'choice' ? text.toLowerCase() : text;
