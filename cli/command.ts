/**
 * What a command is, and how its words are read. One file per command in commands/; index.ts runs them.
 */
import { nearest } from '#contract/nearest.ts';
import { parseArgs } from 'node:util';
import { type Output, usage } from './output.ts';

export interface Option {
  type: 'string' | 'boolean';
  multiple?: boolean;
  /** What stands for the value in the help, such as N or FILE. */
  value?: string;
  about: string;
  /** What each value means, where there are few. */
  choices?: readonly (readonly [value: string, about: string])[];
}

export type Values = Record<string, string | boolean | string[] | undefined>;

export interface Command {
  name: string;
  /** The words after the name, such as `PROJECT SOURCE`. */
  words: string;
  about: string;
  /** Whether it computes, or looks at images: the engine is then made ready before it starts. */
  needsEngine: boolean;
  options: Record<string, Option>;
  /** How many words are right. */
  least: number;
  most: number;
  /** @returns the exit code where it is not 0 though the command did its work: 1 where it did not do all of it */
  run(input: {
    words: string[];
    values: Values;
    output: Output;
    signal: Interruption;
  }): Promise<number | void>;
}

/** Ctrl-C, twice to quit at once. */
export interface Interruption {
  /**
   * Called at Ctrl-C (or SIGTERM) instead of ending the program; the function returned takes it back. The next one quits
   * at once, unless the handler answers `wait`: then it is asked again, until it answers `quit`.
   */
  onInterrupt(handler: (signal: 'SIGINT' | 'SIGTERM') => void | 'wait' | 'quit'): () => void;
}

export const commonOptions: Record<string, Option> = {
  json: { type: 'boolean', about: 'print one JSON event a line; the last one is the result' },
  help: { type: 'boolean', about: 'say what this command does' },
};

/** @throws USAGE with a hint, for an unknown option or a wrong number of words */
export function readWords(command: Command, args: readonly string[]): { words: string[]; values: Values } {
  const options = { ...commonOptions, ...command.options };
  const known = Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple = false }]) => [name, { type, multiple }] as const),
  );
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options: known, allowPositionals: true, strict: true });
  } catch (error) {
    throw usage(explain(error as Error, command.name, Object.keys(options)));
  }
  const { positionals: words, values } = parsed;
  if (!values.help && (words.length < command.least || words.length > command.most)) {
    const extra =
      words.length > command.most ? `; ${JSON.stringify(words[command.most])} is one too many` : '';
    throw usage(
      `Expected: atelier ${command.name} ${command.words}${extra}. See: atelier help ${command.name}.`,
    );
  }
  if (!values.help) refuseEmpty(command, words, values as Values);
  return { words, values: values as Values };
}

/** What options that name a place are called in the help. */
const places: ReadonlySet<string> = new Set(['FILE', 'FOLDER', 'OUT', 'SOURCE']);

/**
 * An empty word where a place belongs is most often a variable that is not set; as a path it would mean the folder one is in.
 * The words after the second may be texts, such as a note to be cleared.
 * @throws USAGE
 */
function refuseEmpty(command: Command, words: readonly string[], values: Values): void {
  const option = Object.entries(command.options).find(
    ([name, { value = '' }]) => places.has(value) && [values[name]].flat().includes(''),
  );
  const what = words.slice(0, 2).includes('') ? command.words : option && `--${option[0]} ${option[1].value}`;
  if (what === undefined) return;
  throw usage(
    `Expected ${what}, received an empty text. Is a variable not set? See: atelier help ${command.name}.`,
  );
}

function explain({ message }: Error, command: string, names: string[]): string {
  const unknown = /Unknown option '(-*)([^']*)'/.exec(message);
  if (!unknown) return `${message.replaceAll('\n', ' ').replace(/\.$/, '')}. See: atelier help ${command}.`;
  const [, , given = ''] = unknown;
  const near = nearest(given.replace(/=.*/, ''), names);
  const hint = near ? `Did you mean --${near}?` : `Known: ${names.map((name) => `--${name}`).join(', ')}.`;
  return `Unknown option --${given} for ${command}. ${hint}`;
}

export const text = (value: Values[string]): string | undefined =>
  typeof value === 'string' ? value : undefined;
export const texts = (value: Values[string]): string[] => (Array.isArray(value) ? value : []);

/** A whole number given as an option. @throws USAGE */
export function wholeNumber(
  name: string,
  value: Values[string],
  low: number,
  high: number,
): number | undefined {
  const given = text(value);
  if (given === undefined) return undefined;
  const number = Number(given);
  if (!/^\d+$/.test(given) || number < low || number > high) {
    throw usage(
      `Expected a whole number from ${low} to ${high} for --${name}, received ${JSON.stringify(given)}.`,
    );
  }
  return number;
}

/** Lengths that the contract takes. */
export const longestName = 120;
export const longestNote = 20_000;

/** A text of a bounded length, under the name it has in the usage (--note, NAME); undefined stays so. @throws USAGE */
export function boundedText<T extends string | undefined>(
  name: string,
  given: T,
  least: number,
  most: number,
): T {
  if (given === undefined || (given.length >= least && given.length <= most)) return given;
  throw usage(
    `Expected ${least === 0 ? 'at most' : `${least} to`} ${most.toLocaleString('en')} characters for ${name}, received ${given.length.toLocaleString('en')}.`,
  );
}
