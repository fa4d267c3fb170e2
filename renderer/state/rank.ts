/** How well a text fits what was typed, for every list in which one finds by typing. Pure. */

/** Without accents and case, so that "ecole" finds "École". */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();

/** 0 for the text itself, then its beginning, the beginning of a word in it, anything in it; null where it does not fit. */
export function rankOf(text: string, query: string): number | null {
  const at = text.indexOf(query);
  if (at < 0) return null;
  if (at === 0) return text.length === query.length ? 0 : 1;
  for (let start = at; start >= 0; start = text.indexOf(query, start + 1))
    if (!/[\p{L}\p{N}]/u.test(text[start - 1]!)) return 2;
  return 3;
}
