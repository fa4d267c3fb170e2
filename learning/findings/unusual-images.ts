/**
 * Images that are unusually dark, bright, blurry, single-coloured or sized, each with what was measured and what is usual. Pure. A data set
 * of night photographs is dark and has no dark images: values are held against those of the others, within bounds that hold everywhere.
 */
import type { ImageFacts } from './image-facts.ts';
import { robustSpread } from './robust.ts';

export const unusualKinds = ['dark', 'bright', 'blurry', 'single-colour', 'odd-size', 'odd-aspect'] as const;
export type UnusualKind = (typeof unusualKinds)[number];

export interface UnusualImage {
  place: number;
  kind: UnusualKind;
  /** What was measured: brightness (0 to 255), sharpness, share of the commonest colour, pixels, or width through height. */
  value: number;
  /** The median of the data set. */
  usual: number;
  /** By how many robust standard deviations it is off, on the scale it is judged on; ∞ where all others are the same. */
  score: number;
}

interface Rule {
  measure(facts: ImageFacts): number;
  /** Whose differences count: factors of sizes and of sharpness, not pixels. */
  scale(value: number): number;
  /** Which side is looked at: low (-1), high (1) or both (0). */
  side: -1 | 0 | 1;
  /** Whatever others are like: so extreme that it is always named. */
  always(value: number): boolean;
  /** So ordinary that it never is. `usual`: the median of the data set. */
  never(value: number, usual: number): boolean;
}

const log = (value: number) => Math.log(Math.max(value, 1e-3));
const within = (factor: number) => (value: number, usual: number) =>
  Math.abs(log(value / usual)) < Math.log(factor);
const same = (value: number) => value;

const rules: Record<UnusualKind, Rule> = {
  dark: {
    measure: (facts) => facts.brightness,
    scale: same,
    side: -1,
    always: (value) => value < 5,
    never: (value) => value > 70,
  },
  bright: {
    ...{ measure: (facts) => facts.brightness, scale: same, side: 1 },
    ...{ always: (value) => value > 252, never: (value) => value < 190 },
  },
  // Against the contrast, since what is pale is not blurry. Of two images of one scene the sharp one has several times as much.
  blurry: {
    measure: (facts) => facts.sharpness / Math.max(1, facts.contrast ** 2),
    ...{ scale: log, side: -1, always: (value) => value < 0.0005, never: (value) => value > 0.1 },
  },
  'single-colour': {
    measure: (facts) => facts.commonest,
    // By what is not of that colour: from 90 % to 99 % it is a tenth.
    scale: (value) => -log(1 - value),
    ...{ side: 1, always: (value) => value > 0.99, never: (value) => value < 0.9 },
  },
  'odd-size': {
    measure: ({ width, height }) => width * height,
    ...{ scale: log, side: 0, always: (value) => value < 64, never: within(2) },
  },
  'odd-aspect': {
    measure: ({ width, height }) => width / height,
    ...{
      scale: log,
      side: 0,
      always: (value) => Math.abs(Math.log(value)) > Math.log(8),
      never: within(1.5),
    },
  },
};

/** Robust standard deviations from the median (Iglewicz and Hoaglin 1993). */
export const leastScore = 3.5;
/** Fewer say little of what is usual: then only what is always named is. */
const leastImages = 10;

/** Sharpness of a picture without contrast means nothing. In grey levels. */
const leastContrast = 4;

/** @returns per kind in the order of `unusualKinds`, the most unusual first */
export function unusualImages(facts: readonly ImageFacts[]): UnusualImage[] {
  return unusualKinds.flatMap((kind) => {
    const { measure, scale, side, always, never } = rules[kind];
    const judged = [...facts.keys()].filter(
      (place) => kind !== 'blurry' || facts[place]!.contrast >= leastContrast,
    );
    const values = judged.map((place) => measure(facts[place]!));
    const { median: middle, deviation } = robustSpread(values.map(scale));
    const usual = robustSpread(values).median;
    const found: UnusualImage[] = [];
    judged.forEach((place, at) => {
      const value = values[at]!;
      const away = scale(value) - middle;
      const score = away === 0 ? 0 : Math.abs(away) / deviation;
      const tells = judged.length >= leastImages && (side === 0 || Math.sign(away) === side);
      if (always(value) || (tells && score >= leastScore && !never(value, usual)))
        found.push({ place, kind, value, usual, score });
    });
    return found.sort((a, b) => b.score - a.score || a.place - b.place);
  });
}
