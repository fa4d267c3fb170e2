/**
 * The query line: conditions of the filter as text, such as `class:glass part:test width>=200 sort:-brightness bottle`, read and
 * written, and what could come next; for the window and the command line alike. Pure. What is no condition is a part of the name.
 */
import { type ImageFactKey, imageFactKeys, type ImageFactRange } from './image-facts.ts';
import { type Class, type ItemFilter, itemOrders, type ItemSort, type Split, splitNames } from './project.ts';

/** The conditions that a query says; all others of a filter are left as they are. */
export type Conditions = Pick<
  ItemFilter,
  'classIds' | 'splits' | 'excluded' | 'relabelled' | 'noted' | 'facts' | 'note' | 'text' | 'sort'
>;

/** None of them: what a query does not say is absent. */
export const noConditions = {
  ...{ classIds: undefined, splits: undefined, excluded: undefined, relabelled: undefined, noted: undefined },
  ...{ facts: undefined, note: undefined, text: undefined, sort: undefined },
} satisfies Record<keyof Conditions, undefined>;

type NamedClass = Pick<Class, 'id' | 'name'>;

const flags = ['excluded', 'relabelled', 'noted'] as const;
/** Facts that are whole numbers: for these `>` and `<=` are told from `>=` and `<`. */
const whole: readonly ImageFactKey[] = ['width', 'height'];

/** Words, of which those in quotation marks keep their spaces; with where each begins. */
function wordsOf(text: string): { word: string; at: number }[] {
  return [...text.matchAll(/(?:[^\s"]|"[^"]*"?)+/g)].map(({ 0: word, index }) => ({ word, at: index }));
}
const unquoted = (word: string) => word.replaceAll('"', '');
const quoted = (word: string) => (/\s/.test(word) ? `"${word}"` : word);

/** Of what stands after `sort:`, such as `-width`; null where there is no such order. */
function sortOf(value: string): ItemSort | null {
  const by = itemOrders.find((order) => order === value.replace(/^-/, ''));
  if (!by) return null;
  return value.startsWith('-') ? { by, descending: true } : { by };
}
const sortWord = ({ by, descending }: ItemSort) => `sort:${descending ? '-' : ''}${by}`;

/** Of a word such as `width>=200`; null where it is none. */
function rangeOf(word: string): ImageFactRange | null {
  const found = /^([a-z]+)(>=|<=|>|<|=)(-?\d+(?:\.\d+)?)$/i.exec(word);
  const fact = imageFactKeys.find((key) => key === found?.[1]?.toLowerCase());
  if (!found || !fact) return null;
  const value = Number(found[3]);
  const step = whole.includes(fact) ? 1 : 0;
  switch (found[2]) {
    case '>=':
      return { fact, least: value };
    case '>':
      return { fact, least: value + step };
    case '<':
      return { fact, below: value };
    case '<=':
      return { fact, below: value + step };
    default:
      return { fact, least: value, below: value + 1 };
  }
}

/** Every condition that the text does not say is absent. A class or a part that there is none of is looked for in names. */
export function readQuery(text: string, classes: readonly NamedClass[]): Conditions {
  const classIds = new Set<number | null>();
  const splits = new Set<Split>();
  const facts = new Map<ImageFactKey, ImageFactRange>();
  const found: Conditions = {};
  const names: string[] = [];
  for (const { word } of wordsOf(text)) {
    const lower = word.toLowerCase();
    const [, given, value = ''] = /^(class|part|note|sort):(.+)$/i.exec(word) ?? [];
    const key = given?.toLowerCase();
    const named = unquoted(value).toLowerCase();
    const one = key === 'class' && classes.find(({ name }) => name.toLowerCase() === named);
    const split = key === 'part' && splitNames.find((name) => name === named);
    const sort = key === 'sort' && sortOf(named);
    const range = rangeOf(word);
    const flag = flags.find((name) => name === lower);
    if (one) classIds.add(one.id);
    else if (split) splits.add(split);
    else if (sort) found.sort = sort;
    else if (key === 'note' && named !== '') found.note = unquoted(value).slice(0, 200);
    else if (lower === 'unlabelled') classIds.add(null);
    else if (flag) found[flag] = true;
    else if (range) facts.set(range.fact, { ...facts.get(range.fact), ...range });
    else names.push(unquoted(word));
  }
  if (classIds.size > 0) found.classIds = [...classIds];
  if (splits.size > 0) found.splits = [...splits];
  if (facts.size > 0) found.facts = [...facts.values()];
  const name = names.join(' ').slice(0, 200);
  if (name !== '') found.text = name;
  return found;
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
    ...(filter.text ? [filter.text] : []),
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
