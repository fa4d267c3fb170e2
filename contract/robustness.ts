/**
 * A corruption sweep: how often a run is right on images that were made worse in common ways, each at five severities, beside the same images as they
 * are. Corruptions are those of ImageNet-C (Hendrycks and Dietterich 2019) that a photograph meets after it was taken, beside darkness, rotation and
 * shift. What each does to pixels is learning/robustness.
 */
import * as z from 'zod';
import { Interval } from '#recipe/metrics/interval.ts';
import type { AugmentationKind } from '#recipe/augmentation.ts';
import { RunId } from './ids.ts';
import { Split } from './project.ts';

export const severities = [1, 2, 3, 4, 5] as const;

export interface CorruptionKind {
  label: string;
  /** What one step of it is, of each severity. */
  amounts: readonly [number, number, number, number, number];
  /** What the amounts are of, for people. */
  about: string;
  /** Augmentations that show a training much the same. */
  augmentations: readonly AugmentationKind[];
}

const policies = ['rand-augment', 'trivial-augment'] as const;

/** Amounts are those of ImageNet-C where it has the corruption; those in pixels are of an image of 224, and scaled to the network's input. */
export const corruptionKinds = {
  'gaussian-noise': {
    label: 'Gaussian noise',
    amounts: [0.08, 0.12, 0.18, 0.26, 0.38],
    about: 'standard deviation, as a part of the full range',
    augmentations: ['noise'],
  },
  'impulse-noise': {
    label: 'Impulse noise',
    amounts: [0.03, 0.06, 0.09, 0.17, 0.27],
    about: 'part of the values that become black or white',
    augmentations: ['noise'],
  },
  blur: {
    label: 'Gaussian blur',
    amounts: [1, 2, 3, 4, 6],
    about:
      'standard deviation in pixels of an image of 224; of smaller ones at least 0.4 to 1 pixels, as in CIFAR-10-C',
    augmentations: ['blur'],
  },
  brightness: {
    label: 'Brightness',
    amounts: [0.1, 0.2, 0.3, 0.4, 0.5],
    about: 'added to the value (HSV), as a part of the full range',
    augmentations: ['brightness', 'gamma', 'colour-jitter', ...policies],
  },
  darkness: {
    label: 'Darkness',
    amounts: [0.1, 0.2, 0.3, 0.4, 0.5],
    about: 'taken from the value (HSV), as a part of the full range',
    augmentations: ['brightness', 'gamma', 'colour-jitter', ...policies],
  },
  contrast: {
    label: 'Contrast',
    amounts: [0.4, 0.3, 0.2, 0.1, 0.05],
    about: 'part of the distance from the mean that is left',
    augmentations: ['contrast', 'colour-jitter', ...policies],
  },
  jpeg: {
    label: 'JPEG compression',
    amounts: [25, 18, 15, 10, 7],
    about: 'quality of the file, of 100',
    augmentations: [],
  },
  pixelate: {
    label: 'Pixelate',
    amounts: [0.6, 0.5, 0.4, 0.3, 0.25],
    about: 'part of the side that is left',
    augmentations: [],
  },
  rotation: {
    label: 'Rotation',
    amounts: [5, 10, 15, 20, 30],
    about: 'degrees, to either side',
    augmentations: ['rotation', ...policies],
  },
  shift: {
    label: 'Shift',
    amounts: [0.04, 0.08, 0.12, 0.16, 0.2],
    about: 'part of the side, in any direction',
    augmentations: ['shift', 'crop', ...policies],
  },
} as const satisfies Record<string, CorruptionKind>;

export const corruptions = Object.keys(corruptionKinds) as CorruptionName[];
export const CorruptionName = z.enum(
  Object.keys(corruptionKinds) as [keyof typeof corruptionKinds, ...(keyof typeof corruptionKinds)[]],
);
export type CorruptionName = z.infer<typeof CorruptionName>;

/** Images that are looked at where nothing is said, and at most. */
export const usualImages = 1000;
export const mostImages = 50_000;
/** The severity that a suggestion goes by. */
export const judgedSeverity = 3;

const Accuracy = z.object({
  right: z.int(),
  accuracy: z.number(),
  /** At 95 %, exact. */
  interval: Interval,
});

export const CorruptionPoint = Accuracy.extend({
  severity: z.int().min(1).max(5),
  amount: z.number(),
  /** Accuracy as they are less this, on the same images, and its interval at 95 % (Tango 1998). */
  drop: z.number(),
  dropInterval: Interval,
});
export type CorruptionPoint = z.infer<typeof CorruptionPoint>;

export const Robustness = z.object({
  runId: RunId,
  split: Split,
  /** Of the evaluation that it stands beside. */
  evaluatedAt: z.string(),
  computedAt: z.string(),
  /** Images that were looked at, and of how many they were drawn. */
  images: z.int(),
  of: z.int(),
  seed: z.int(),
  clean: Accuracy,
  /** Mean accuracy over all corruptions and severities, and its interval at 95 % by drawing the images again; null where it cannot be told. */
  mean: z.object({ accuracy: z.number(), interval: Interval.nullable() }),
  corruptions: z.array(
    z.object({
      corruption: CorruptionName,
      /** By severity, 1 to 5. */
      points: z.array(CorruptionPoint),
      /** Augmentations of the recipe that show a training much the same. */
      trainedWith: z.array(z.string()),
    }),
  ),
});
export type Robustness = z.infer<typeof Robustness>;

/** What a sweep is of, in a sentence. */
export function robustnessWords({
  split,
  images,
  of,
  seed,
}: Pick<Robustness, 'split' | 'images' | 'of' | 'seed'>): string {
  const all = of.toLocaleString('en');
  const drawn =
    images === of
      ? `all ${all} ${split} images`
      : `${images.toLocaleString('en')} of ${all} ${split} images (seed ${seed})`;
  return `${drawn}, each corrupted in ${corruptions.length} ways at ${severities.length} severities.${split === 'test' ? ' Choose by the validation images: what is chosen by the test part makes its figure too good.' : ''}`;
}

/**
 * What augmentation may help: of the corruptions whose drop at `judgedSeverity` is beyond its interval and that no augmentation of the recipe is like.
 * One sentence for those that the same augmentations are like, the greatest drop first.
 */
export function augmentationSuggestions({ corruptions: all }: Pick<Robustness, 'corruptions'>): string[] {
  const per = (share: number) => (100 * share).toFixed(1);
  const costs = new Map<string, { drop: number; words: string }[]>();
  for (const { corruption, points, trainedWith } of all) {
    const { label, augmentations }: CorruptionKind = corruptionKinds[corruption];
    const point = points.find(({ severity }) => severity === judgedSeverity);
    if (!point || point.dropInterval.low <= 0 || trainedWith.length > 0 || augmentations.length === 0)
      continue;
    const { drop, dropInterval } = point;
    const words = `${label.toLowerCase()} costs ${per(drop)} points of accuracy (${per(dropInterval.low)} to ${per(dropInterval.high)})`;
    const key = inWords(augmentations);
    costs.set(
      key,
      [...(costs.get(key) ?? []), { drop, words }].sort((a, b) => b.drop - a.drop),
    );
  }
  return [...costs]
    .sort(([, a], [, b]) => b[0]!.drop - a[0]!.drop)
    .map(([augmentations, found]) => {
      const told = found.map(({ words }) => words).join(', and ');
      return `${told[0]!.toUpperCase()}${told.slice(1)} at severity ${judgedSeverity}, and the recipe has no augmentation like it. Where such images will come, try ${augmentations}.`;
    });
}

const inWords = (names: readonly string[]): string =>
  names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} or ${names.at(-1)!}`;
