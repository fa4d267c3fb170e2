/**
 * Which slices of the images are looked at: ends of facts, and all images that share a word, such as a class, a folder or a cluster. Whether more of one is
 * wrong is find-slices.ts.
 */
export interface Candidate<C> {
  condition: C;
  /** Of its images among all, ascending. */
  places: Int32Array;
  /** Those of one family, as a tenth and a quarter of the darkest images, are told as one slice. */
  family?: string;
}

/** Ends of a fact that are looked at, as parts of all images. */
const ends = [0.1, 0.25];
/** So much more than its part may an end hold, where many images have the same value. */
const mostTies = 1.5;

export interface End {
  side: 'low' | 'high';
  /** Values below it, or from it on. */
  limit: number;
  /** Part of the images that it was meant to hold. */
  share: number;
}

/** @param values of all images; what is not a number is in no slice */
export function endsOf(values: ArrayLike<number>): Candidate<End>[] {
  const known = [...Array.from(values).keys()].filter((place) => !Number.isNaN(values[place]));
  const sorted = Float64Array.from(known, (place) => values[place]!).sort();
  return ends.flatMap((share) => {
    const count = Math.ceil(share * known.length);
    if (count === 0 || count >= known.length) return [];
    const low = sorted[count]!;
    const high = sorted[known.length - count]!;
    return [
      {
        condition: { side: 'low' as const, limit: low, share },
        places: known.filter((at) => values[at]! < low),
      },
      {
        condition: { side: 'high' as const, limit: high, share },
        places: known.filter((at) => values[at]! >= high),
      },
    ]
      .filter(({ places }) => places.length > 0 && places.length <= mostTies * count)
      .map(({ condition, places }) => ({ condition, places: Int32Array.from(places) }));
  });
}

/** One for each word that images share. @param words of all images; null is in no slice */
export function groupsOf<W extends string | number>(words: ArrayLike<W | null>): Candidate<W>[] {
  const places = new Map<W, number[]>();
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === null || word === undefined) continue;
    const known = places.get(word);
    if (known) known.push(at);
    else places.set(word, [at]);
  }
  return [...places].map(([condition, at]) => ({ condition, places: Int32Array.from(at) }));
}
