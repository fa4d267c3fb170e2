/**
 * How a text that comes from anybody (a file's name, a class, a run, a bundle) is shown where a control character
 * would be obeyed: in a terminal, in a log. Which names may be stored is left to the schemas.
 */

/**
 * What is not shown as it is: C0, DEL and C1 (\p{Cc}), line and paragraph separators, marks that turn the direction of
 * writing, characters without a width that hide within a word, and halves of a surrogate pair. The joiners U+200C and
 * U+200D stay: scripts and emoji need them.
 */
const hidden =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

const escape = (character: string): string => {
  const code = character.codePointAt(0)!;
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
};

/**
 * The text with each such character written as JavaScript writes it: `\x1b` for escape, `\x0a` for a line break,
 * `\u202e` for a mark of direction. What is visible stays as it is, so that doing it twice changes nothing more.
 */
export const visible = (text: string): string => text.replace(hidden, escape);

/**
 * The same for a text of JSON, which stays valid and means the same: JSON.stringify escapes C0 and halves of a pair,
 * but leaves DEL, C1 and marks of direction as they are.
 */
export const visibleJson = (json: string): string =>
  json.replace(hidden, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`);
