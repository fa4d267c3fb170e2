/**
 * Whether an augmentation turns one class into another, as a flip does with b and d: then it must not be trained with. Pure: a function of
 * predictions for images as they are and changed, by a network that was not trained on them.
 */
import { incompleteBeta } from '#recipe/statistics/beta.ts';

export interface ClassTurn {
  /** Images of class `from`, changed, are taken for `to`. */
  from: number;
  to: number;
  /** Images of `from`. */
  images: number;
  /** Of them: right as they are, and `to` when changed. */
  turned: number;
  /** The other way round: `to` as they are, and right when changed. What an unsure network does by itself. */
  turnedBack: number;
  /** By how much more of them are taken for `to`: (turned − turnedBack) / images. */
  rate: number;
  /** One-sided exact test of McNemar (1947), corrected for all pairs of classes (Holm 1979). */
  p: number;
}

export interface TurnOptions {
  /** Greatest p. */
  most?: number;
  /** Least rate: less is no reason to go without. */
  least?: number;
}

/**
 * @param labels class of each image, from 0
 * @param plain predicted class of each image as it is, out of fold
 * @param changed predicted class of the same images after the augmentation, by the same network
 * @returns those that are turned, the highest rate first
 * @throws RangeError where lengths disagree
 */
export function classTurns(
  labels: ArrayLike<number>,
  plain: ArrayLike<number>,
  changed: ArrayLike<number>,
  { most = 0.05, least = 0.05 }: TurnOptions = {},
): ClassTurn[] {
  if (labels.length !== plain.length || labels.length !== changed.length)
    throw new RangeError(
      `Expected predictions of ${labels.length} images, received ${plain.length} and ${changed.length}`,
    );
  const images = new Map<number, number>();
  const pairs = new Map<string, { from: number; to: number; turned: number; turnedBack: number }>();
  const pair = (from: number, to: number) => {
    const key = `${from} ${to}`;
    if (!pairs.has(key)) pairs.set(key, { from, to, turned: 0, turnedBack: 0 });
    return pairs.get(key)!;
  };
  for (let image = 0; image < labels.length; image++) {
    const [label, before, after] = [labels[image]!, plain[image]!, changed[image]!];
    images.set(label, (images.get(label) ?? 0) + 1);
    if (before === label && after !== label) pair(label, after).turned++;
    if (before !== label && after === label) pair(label, before).turnedBack++;
  }
  const tests = [...pairs.values()].map(({ from, to, turned, turnedBack }) => {
    const all = images.get(from)!;
    const p = atLeast(turned, turned + turnedBack);
    return { from, to, images: all, turned, turnedBack, rate: (turned - turnedBack) / all, p };
  });
  // Every pair of classes was tested, those without a turn too.
  const classes = new Set([...images.keys(), ...tests.map(({ to }) => to)]).size;
  return holm(tests, images.size * (classes - 1))
    .filter(({ p, rate }) => p <= most && rate >= least)
    .sort((a, b) => b.rate - a.rate || a.from - b.from || a.to - b.to);
}

/** P(X ≥ successes) of as many throws of a fair coin. */
export const atLeast = (successes: number, trials: number): number =>
  successes === 0 ? 1 : incompleteBeta(0.5, successes, trials - successes + 1);

function holm<T extends { p: number }>(tests: readonly T[], count: number): T[] {
  let highest = 0;
  return [...tests]
    .sort((a, b) => a.p - b.p)
    .map((test, rank) => {
      highest = Math.max(highest, Math.min(1, test.p * (count - rank)));
      return { ...test, p: highest };
    });
}
