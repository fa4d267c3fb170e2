/** Histograms of facts: where bars begin and end, and how many images are in each. Pure. */
import {
  type ImageFactKey,
  imageFactKeys,
  imageFactKinds,
  type ImageFactKind,
} from '#contract/image-facts.ts';

const mostBars = 24;

/** Ascending; a bar goes from one edge up to the next, which is not in it. */
export type Edges = readonly number[];

/** The values of a fact, by image, as views of all. @param values [facts, images] */
export const valuesOf = (values: Float32Array, images: number, fact: ImageFactKey): Float32Array => {
  const from = imageFactKeys.indexOf(fact) * images;
  return values.subarray(from, from + images);
};

/** Bars of whole numbers where these are few enough; else of equal width, or of equal ratios. null where there are no values. */
export function edgesOf(values: Float32Array, fact: ImageFactKey): Edges | null {
  const { logarithmic }: ImageFactKind = imageFactKinds[fact];
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least > most) return null;
  const different = new Set<number>();
  for (const value of values) {
    if (different.size > mostBars) break;
    if (!Number.isNaN(value)) different.add(value);
  }
  // Such as sizes of which there are three.
  if (different.size <= mostBars && [...different].every(Number.isInteger)) {
    const sorted = [...different].sort((a, b) => a - b);
    return [...sorted, sorted.at(-1)! + 1];
  }
  const to = logarithmic ? (value: number) => Math.log1p(Math.max(0, value)) : (value: number) => value;
  const back = logarithmic ? (value: number) => Math.expm1(value) : (value: number) => value;
  const [first, last] = [to(least), to(most)];
  const inner = Array.from({ length: mostBars - 1 }, (_, at) =>
    Math.fround(back(first + ((at + 1) * (last - first)) / mostBars)),
  );
  // The greatest is in the last bar.
  return [least, ...inner, most + Math.max(1e-3, Math.abs(most) * 1e-6)];
}

/** How many of these images are in each bar. @param places of images; those of which the fact is not known are in none */
export function countsOf(values: Float32Array, edges: Edges, places: Iterable<number>): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  for (const place of places) {
    const value = values[place]!;
    if (!(value >= edges[0]! && value < edges.at(-1)!)) continue;
    let [low, high] = [0, edges.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (value >= edges[middle]!) low = middle;
      else high = middle;
    }
    counts[low]! += 1;
  }
  return counts;
}
