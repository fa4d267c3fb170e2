/** Finding fields by what people call them: names and synonyms, by the beginnings of words, however spelled. */

/** Lower case, without accents, hyphens or the differences of British and American spelling. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.]+/gu, ' ')
    .replaceAll('colour', 'color')
    .replaceAll('gray', 'grey')
    .replace(/z/g, 's')
    .trim();
}

/** True where nothing is asked. */
export const isBlank = (query: string): boolean => plain(query) === '';

/**
 * True where every word of the query begins a word of one of the names; "learning r" finds "learning rate".
 * @param names divided by commas
 */
export function matches(query: string, names: string): boolean {
  const asked = plain(query).split(' ').filter(Boolean);
  if (asked.length === 0) return false;
  return names.split(',').some((name) => {
    const words = plain(name).split(' ');
    // "earlystopping" and "early-stopping" both find "early stopping".
    const joined = words.join('');
    return (
      joined.startsWith(asked.join('')) || asked.every((part) => words.some((word) => word.startsWith(part)))
    );
  });
}
