/** Names that a person cannot tell apart, or would not: they differ in case, accents' encoding, blanks or invisible signs. */

/** What remains of a name for the eye. */
const seen = (name: string): string =>
  name
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/gu, ' ')
    .replace(/[\s.]+$/u, '')
    .trimStart()
    .toLowerCase();

/** Groups of two or more names that look alike, in the order in which they come. */
export function lookAlikes(names: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const key = seen(name);
    const group = groups.get(key);
    if (group) group.push(name);
    else groups.set(key, [name]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** In quotes, with invisible and combining signs written out: "cafe\u0301". */
export const shownExactly = (name: string): string =>
  `"${name.replace(/[\p{Cf}\p{M}\p{Cc}]/gu, (sign) => `\\u${sign.codePointAt(0)!.toString(16).padStart(4, '0')}`)}"`;
