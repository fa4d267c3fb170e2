/**
 * What people may name things, and write about them: one rule for classes, runs, studies, projects, recipes and
 * bundles, one for notes, one for paths. What is stored is what was checked here. Names that come from elsewhere
 * (folders of an import, a database of an earlier version) are shown by `readableName`; whether an import takes them is
 * left to engine/intake.
 */
import * as z from 'zod';
import { visible } from './visible.ts';

/** Most characters of a class's name, as SQLite counts them (code points). A folder's name always fits. */
export const longestClassName = 255;
/** Most characters of any other name. */
export const longestName = 120;
export const longestNote = 20_000;

/**
 * Characters that a name must not hold: controls (C0, delete, C1), line and paragraph separators, halves of surrogate
 * pairs (SQLite would store another character), and the marks that turn the direction of all that follows.
 */
const refusedInNames = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** A note has lines and tabs besides. */
const refusedInNotes = /(?![\n\t])[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** What no file system takes. */
const refusedInPaths = /[\0\p{Cs}]/u;

/** Characters as SQLite counts them, where there may be more than `longest`. */
const lengthOf = (text: string, longest: number) => (text.length > longest ? [...text].length : text.length);

/**
 * Why a text cannot be the name of something; null where it can.
 * @param longest characters at most, as SQLite counts them
 */
export function faultOfName(text: string, longest: number): string | null {
  const refused = refusedInNames.exec(text);
  if (refused) {
    return `Expected a name without control characters, received ${visible(refused[0])} in it. Leave it out.`;
  }
  if (text.trim() === '') return 'Expected a name, received an empty one. Write at least one character.';
  const length = lengthOf(text, longest);
  return length > longest
    ? `Expected a name of at most ${longest} characters, received ${length}. Shorten it.`
    : null;
}

const refuse = (fault: (text: string) => string | null) => (text: string, context: z.core.$RefinementCtx) => {
  const message = fault(text);
  if (message !== null) context.addIssue({ code: 'custom', message, input: text });
};

/** Blank space at its ends is left out, everything else is kept exactly. */
const name = (longest: number) =>
  z
    .string()
    .trim()
    .superRefine(refuse((text) => faultOfName(text, longest)));

export const ClassName = name(longestClassName);
/** Of a run, study, project, recipe or bundle. */
export const Name = name(longestName);
/** The same, or an empty text where the studio is to choose. */
export const OptionalName = z
  .string()
  .trim()
  .superRefine(refuse((text) => (text === '' ? null : faultOfName(text, longestName))));

/** Several lines; kept exactly, but that line ends are `\n`. */
export const Note = z
  .string()
  .overwrite((text) => text.replace(/\r\n?/g, '\n'))
  .superRefine(
    refuse((text) => {
      const refused = refusedInNotes.exec(text);
      if (refused) {
        return `Expected a note without control characters, received ${visible(refused[0])} in it. Leave it out.`;
      }
      const length = lengthOf(text, longestNote);
      return length > longestNote
        ? `Expected a note of at most ${longestNote} characters, received ${length}. Shorten it.`
        : null;
    }),
  );

/** A path of this machine. Which of them may be used is left to those who open it. */
export const PathText = z
  .string()
  .min(1)
  .max(4096)
  .superRefine(
    refuse((text) => {
      const refused = refusedInPaths.exec(text);
      return refused
        ? `Expected a path, received ${visible(refused[0])} in it, which no file system takes.`
        : null;
    }),
  );

/**
 * What came from elsewhere as it can be shown as a name: controls written out, cut to length, never empty. Two names
 * that differ may become the same; nothing is stored by it.
 */
export function readableName(text: unknown, longest: number): string {
  const shown = visible(typeof text === 'string' ? text : String(text ?? ''));
  if (shown.trim() === '') return '(no name)';
  return lengthOf(shown, longest) > longest ? `${[...shown].slice(0, longest - 1).join('')}…` : shown;
}
