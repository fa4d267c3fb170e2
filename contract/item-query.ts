/**
 * The query line: conditions of the filter as text, such as `class:glass part:test width>=200 sort:-brightness bottle`, read and
 * written, and what could come next; for the window and the command line alike. Pure. Words that do not look like a condition, and what stands in
 * quotation marks, are parts of the name.
 */
import { AtelierError } from './errors.ts';
import { type ImageFactKey, imageFactKeys, type ImageFactRange } from './image-facts.ts';
import { type Class, type ItemFilter, itemOrders, type ItemSort, type Split, splitNames } from './project.ts';
import { didYouMean, nearest } from './nearest.ts';

/** The conditions that a query says; all others of a filter are left as they are. */
export type Conditions = Pick<
  ItemFilter,
  'classIds' | 'splits' | 'excluded' | 'relabelled' | 'hard' | 'noted' | 'facts' | 'note' | 'text' | 'sort'
>;

/** None of them: what a query does not say is absent. */
export const noConditions = {
  ...{ classIds: undefined, splits: undefined, excluded: undefined, relabelled: undefined, hard: undefined },
  ...{ noted: undefined, facts: undefined, note: undefined, text: undefined, sort: undefined },
} satisfies Record<keyof Conditions, undefined>;

type NamedClass = Pick<Class, 'id' | 'name'>;

const flags = ['excluded', 'relabelled', 'hard', 'noted'] as const;
/** Facts that are whole numbers: for these `>` and `<=` are told from `>=` and `<`. */
const whole: readonly ImageFactKey[] = ['width', 'height'];

/** Words, of which those in quotation marks keep their spaces; with where each begins. */
function wordsOf(text: string): { word: string; at: number }[] {
  return [...text.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)].map(({ 0: word, index }) => ({ word, at: index }));
}
const unquoted = (word: string) => word.replaceAll('"', '');
const quoted = (word: string) => (/\s/.test(word) ? `"${word}"` : word);

/** Names to choose from; of a great many the first ones. */
const mostNamed = 12;
const listed = (names: readonly string[]) =>
  names.length > mostNamed
    ? `${names.slice(0, mostNamed).join(', ')} and ${names.length - mostNamed} more`
    : names.join(', ') || 'none';

/** What a word says: a condition, part of a name, or why it is no condition that there is. */
type Said =
  | { condition: (found: Found) => void }
  | { name: string }
  /** A sentence or more: what was expected, what arrived, and what there is. */
  | { fault: string };

/** Conditions while they are read. */
interface Found {
  conditions: Conditions;
  classIds: Set<number | null>;
  splits: Set<Split>;
  facts: Map<ImageFactKey, ImageFactRange>;
}

const known = ['class', 'part', 'note', 'sort'] as const;
const quotesSearch = 'In quotation marks it is searched for in names.';

function saidOf(word: string, classes: readonly NamedClass[]): Said {
  if (word.startsWith('"')) return { name: unquoted(word) };
  const lower = word.toLowerCase();
  if (lower === 'unlabelled') return { condition: ({ classIds }) => classIds.add(null) };
  const flag = flags.find((one) => one === lower);
  if (flag) return { condition: ({ conditions }) => (conditions[flag] = true) };
  const [, key, comparison, value = ''] = /^([a-z]+)(:|>=|<=|>|<|=)(.*)$/i.exec(word) ?? [];
  if (key === undefined || comparison === undefined) return { name: unquoted(word) };
  return comparison === ':'
    ? conditionOf(key.toLowerCase(), unquoted(value), classes)
    : rangeOf(key.toLowerCase(), comparison, value);
}

/** Of `key:value`. */
function conditionOf(key: string, value: string, classes: readonly NamedClass[]): Said {
  const lower = value.toLowerCase();
  switch (key) {
    case 'class': {
      const named = (one: NamedClass) => unquoted(one.name);
      const found =
        classes.find((one) => named(one) === value) ??
        classes.find((one) => named(one).toLowerCase() === lower);
      if (found) return { condition: ({ classIds }) => classIds.add(found.id) };
      const near = classes.find(({ name }) => name.toLowerCase() === nearest(lower, lowerNames(classes)));
      const hint = near ? ` Did you mean class:${quoted(near.name)}?` : '';
      return { fault: `No class “${value}”.${hint} Classes: ${listed(classes.map(({ name }) => name))}.` };
    }
    case 'part': {
      const found = splitNames.find((name) => name === lower);
      if (found) return { condition: ({ splits }) => splits.add(found) };
      return {
        fault: `No part “${value}”.${didYouMean(lower, splitNames)} Parts: ${splitNames.join(', ')}.`,
      };
    }
    case 'note':
      if (value.trim() === '') return { fault: 'Expected a word of the note after “note:”, received none.' };
      return { condition: ({ conditions }) => (conditions.note = value.slice(0, 200)) };
    case 'sort': {
      const given = lower.replace(/^-/, '');
      const by = itemOrders.find((order) => order === given);
      if (by)
        return {
          condition: ({ conditions }) =>
            (conditions.sort = lower.startsWith('-') ? { by, descending: true } : { by }),
        };
      return {
        fault: `No order “${value}”.${didYouMean(given, itemOrders)} Orders: ${itemOrders.join(', ')}; with - before it the other way round.`,
      };
    }
    default:
      return {
        fault: `No condition “${key}:”.${didYouMean(key, known, (name) => `${name}:`)} Conditions: ${known.map((name) => `${name}:`).join(', ')}. ${quotesSearch}`,
      };
  }
}
const lowerNames = (classes: readonly NamedClass[]) => classes.map(({ name }) => name.toLowerCase());

/** Of `width>=200`. */
function rangeOf(key: string, comparison: string, given: string): Said {
  const fact = imageFactKeys.find((one) => one === key);
  if (!fact) {
    const near = didYouMean(key, imageFactKeys);
    const sorted = itemOrders.some((order) => order === key) ? ` Sort by it: sort:${key}.` : '';
    return {
      fault: `“${key}” cannot be compared.${near}${sorted} Facts: ${imageFactKeys.join(', ')}. ${quotesSearch}`,
    };
  }
  if (!/^-?\d+(?:\.\d+)?$/.test(given))
    return {
      fault: `Expected a number after “${key}${comparison}”, as ${key}${comparison}100, received ${given === '' ? 'none' : `“${given}”`}.`,
    };
  const range = { fact, ...limits(comparison, Number(given), whole.includes(fact) ? 1 : 0) };
  return { condition: ({ facts }) => facts.set(fact, { ...facts.get(fact), ...range }) };
}

/** @param step to the next value; 0 where there is none */
function limits(comparison: string, value: number, step: 0 | 1): Omit<ImageFactRange, 'fact'> {
  switch (comparison) {
    case '>=':
      return { least: value };
    case '>':
      return { least: value + step };
    case '<':
      return { below: value };
    case '<=':
      return { below: value + step };
    default:
      return { least: value, below: value + 1 };
  }
}

/** What a text asks for, and what is wrong with it: null, or of the first word that looks like a condition and is none. */
export function parseQuery(
  text: string,
  classes: readonly NamedClass[],
): { conditions: Conditions; fault: string | null } {
  const found: Found = { conditions: {}, classIds: new Set(), splits: new Set(), facts: new Map() };
  const names: string[] = [];
  let fault: string | null = null;
  for (const { word } of wordsOf(text)) {
    const said = saidOf(word, classes);
    if ('fault' in said) fault ??= said.fault;
    else if ('name' in said) names.push(said.name);
    else said.condition(found);
  }
  const { conditions, classIds, splits, facts } = found;
  if (classIds.size > 0) conditions.classIds = [...classIds];
  if (splits.size > 0) conditions.splits = [...splits];
  if (facts.size > 0) conditions.facts = [...facts.values()];
  const name = names.join(' ').slice(0, 200);
  if (name !== '') conditions.text = name;
  return { conditions, fault };
}

/** Every condition that the text does not say is absent. @throws USAGE where a word looks like a condition and is none */
export function readQuery(text: string, classes: readonly NamedClass[]): Conditions {
  const { conditions, fault } = parseQuery(text, classes);
  if (fault !== null) throw new AtelierError('USAGE', fault, { query: text });
  return conditions;
}

const sortWord = ({ by, descending }: ItemSort) => `sort:${descending ? '-' : ''}${by}`;

/** Part of a name, so that it is read as one again. */
function nameWords(text: string): string {
  const plain = wordsOf(text).every(({ word }) => {
    const said = saidOf(word, []);
    return 'name' in said && said.name === word;
  });
  return plain && !/^\s|\s\s|\s$/.test(text) ? text : `"${text}"`;
}

/** The same conditions as text. */
export function writeQuery(filter: Conditions, classes: readonly NamedClass[]): string {
  const nameOf = (id: number) => classes.find((one) => one.id === id)?.name;
  const words = [
    ...(filter.classIds ?? []).flatMap((id) => {
      if (id === null) return ['unlabelled'];
      const name = nameOf(id);
      return name === undefined ? [] : [`class:${quoted(name)}`];
    }),
    ...(filter.splits ?? []).map((split) => `part:${split}`),
    ...flags.filter((flag) => filter[flag]),
    ...(filter.facts ?? []).flatMap(({ fact, least, below }) => [
      ...(least === undefined ? [] : [`${fact}>=${shown(least)}`]),
      ...(below === undefined ? [] : [`${fact}<${shown(below)}`]),
    ]),
    ...(filter.note ? [`note:${quoted(filter.note)}`] : []),
    ...(filter.text ? [nameWords(filter.text)] : []),
    ...(filter.sort ? [sortWord(filter.sort)] : []),
  ];
  return words.join(' ');
}

const shown = (value: number) => String(Number(value.toFixed(3)));

const mostOffered = 8;

/** What the word that ends at the caret could become, and the text with it; empty where nothing is begun. */
export function completions(
  text: string,
  caret: number,
  classes: readonly NamedClass[],
): { word: string; text: string; caret: number }[] {
  const last = wordsOf(text.slice(0, caret)).at(-1);
  if (!last || last.at + last.word.length !== caret) return [];
  const begun = unquoted(last.word).toLowerCase();
  const all = [
    ...classes.map(({ name }) => `class:${quoted(name)}`),
    ...splitNames.map((name) => `part:${name}`),
    'unlabelled',
    ...flags,
    'note:',
    ...itemOrders.flatMap((by) => [sortWord({ by }), sortWord({ by, descending: true })]),
    ...imageFactKeys.flatMap((key) => [`${key}>=`, `${key}<`]),
  ];
  const fits = (word: string) => {
    const plain = unquoted(word).toLowerCase();
    // A class is found by its name alone, too.
    return (
      plain !== begun && (plain.startsWith(begun) || (begun.length > 1 && plain.startsWith(`class:${begun}`)))
    );
  };
  return all
    .filter(fits)
    .slice(0, mostOffered)
    .map((word) => {
      // After a comparison a number comes, after `note:` a word, after all else the next word.
      const put = /[<=:]$/.test(word) ? word : `${word} `;
      const rest = text.slice(caret).trimStart();
      return { word, text: text.slice(0, last.at) + put + rest, caret: last.at + put.length };
    });
}
