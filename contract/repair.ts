/**
 * The repair loop: which labels a run was evaluated on and which there are now, two runs compared on the present labels, and what was
 * repaired since a person began. What repairing by results does to a figure is said here, once for window and command line.
 */
import * as z from 'zod';
import { Interval } from '#recipe/metrics/interval.ts';
import { RunComparison } from './evaluation.ts';
import { ClassId, RunId } from './ids.ts';
import { Split } from './project.ts';
import type { Run } from './run.ts';

/** Images answered right of so many, with the 95 % interval of the share. */
const Figure = z.object({ count: z.int(), correct: z.int(), accuracy: z.number(), interval: Interval });
export type Figure = z.infer<typeof Figure>;

/** The labels that a run was evaluated on, and those of the same images now. Its predictions stay; only what is right changes. */
export const EvaluatedLabels = z.object({
  runId: RunId,
  split: Split,
  evaluatedAt: z.string(),
  /** Names the very images of the part, as in the evaluation; null where that was not kept yet. */
  partVersion: z.string().nullable(),
  /** The version of labels then: names the label of each image that was evaluated (a digest), however that came about. */
  then: z.string(),
  /** The same of the images that would be evaluated now. */
  now: z.string(),
  /** Images that have another label since; that are excluded, removed or unlabelled since; that came into the part since. */
  relabelled: z.int(),
  gone: z.int(),
  added: z.int(),
  /** By the labels of then, and by those of now. */
  evaluated: Figure,
  present: Figure,
});
export type EvaluatedLabels = z.infer<typeof EvaluatedLabels>;

const share = z.number().nullable();

/** A class in two runs on the same images and labels; null where nothing was there to be found or predicted. */
const ComparedClass = z.object({
  classId: ClassId,
  name: z.string(),
  support: z.int(),
  recall: z.tuple([share, share]),
  precision: z.tuple([share, share]),
  f1: z.tuple([share, share]),
  fixed: z.int(),
  broken: z.int(),
});
export type ComparedClass = z.infer<typeof ComparedClass>;

/**
 * Two runs by their kept predictions on the present labels of the same images: the run before, and the one that was trained on
 * repaired labels. Neither is computed again: what was predicted stays, what counts as right is looked up anew.
 */
export const RepairComparison = RunComparison.extend({
  split: Split,
  before: EvaluatedLabels,
  after: EvaluatedLabels,
  /** On the images of both and the present labels. */
  figures: z.object({ before: Figure, after: Figure }),
  /** Images of the part now that only one of the two was evaluated on; they are left out. */
  onlyOne: z.int(),
  /** Training and validation images of the run before that are in another part of the run after: parts were drawn anew in between. */
  movedParts: z.int(),
  classes: z.array(ComparedClass),
});
export type RepairComparison = z.infer<typeof RepairComparison>;

/** Since when a person repairs, and what was changed of the labels since; whoever changed it. */
export const RepairSession = z.object({
  /** The run whose figures are to become better. */
  runId: RunId,
  startedAt: z.string(),
  /** The run that was trained on repaired labels last; null before there was one, and where it was deleted. */
  retrainedId: RunId.nullable(),
  /** Changes that can be taken back, and how many images have another label, exclusion or mark than at the beginning. */
  changes: z.object({
    steps: z.int(),
    relabelled: z.int(),
    excluded: z.int(),
    hard: z.int(),
    /** Changes of another kind: classes, parts, notes, sources. */
    others: z.int(),
  }),
});
export type RepairSession = z.infer<typeof RepairSession>;

const number = (value: number) => value.toLocaleString('en');
const images = (count: number) => `${number(count)} image${count === 1 ? '' : 's'}`;

/** What is said where two runs were evaluated on other labels of the same images; null where they were not. */
export function otherLabelsWords(
  { otherLabels, count }: Pick<RunComparison, 'otherLabels' | 'count'>,
  a: string,
  b: string,
): string | null {
  if (!otherLabels) return null;
  const older = otherLabels.older === 'A' ? a : b;
  return `${older} was evaluated on other labels: ${number(otherLabels.images)} of these ${images(count)} had another label then, so that the figures of both are not comparable. Evaluate ${older} again`;
}

/** Runs whose test accuracy is of other images or labels than that of the run that was tested last, with that run; null where there are none. */
export function testedOtherwise(runs: readonly Run[]): { last: Run; others: Run[] } | null {
  const tested = runs.flatMap((run) => (run.testLabels ? [{ run, ...run.testLabels }] : []));
  const [newest] = [...tested].sort((a, b) => (a.evaluatedAt < b.evaluatedAt ? 1 : -1));
  const others = tested.filter(({ version }) => version !== newest?.version).map(({ run }) => run);
  return newest && others.length > 0 ? { last: newest.run, others } : null;
}

/** A digest as people can tell it from another. */
export const shortVersion = (version: string): string => version.slice(0, 6);

/** What became of the labels since; null where they are the same. */
export function labelChangeWords({
  then,
  now,
  relabelled,
  gone,
  added,
}: Pick<EvaluatedLabels, 'then' | 'now' | 'relabelled' | 'gone' | 'added'>): string | null {
  if (then === now) return null;
  const parts = [
    ...(relabelled > 0 ? [`${number(relabelled)} label${relabelled === 1 ? '' : 's'} changed`] : []),
    ...(gone > 0 ? [`${images(gone)} left the part`] : []),
    ...(added > 0 ? [`${images(added)} came into it`] : []),
  ];
  return parts.join(', ');
}

/** By what images are shown: a run's predictions of a part, or out-of-fold predictions of the findings. */
export type RepairedBy = Split | 'suspects';

/** What repairing these images does to the figures: in a few words, and in full. */
export const repairWords: Record<RepairedBy, { short: string; full: string; bad: boolean }> = {
  test: {
    bad: true,
    short:
      'Repairing test images by what a model says of them makes its test figure too good, and counts as a use of the test part.',
    full: 'Only labels that count against the model are looked at: mistakes that agree with it stay, so that the figure rises by more than the model became better. Repair training and validation images instead, by suspects (out-of-fold predictions), and measure on a fresh test part (Data, Redraw parts).',
  },
  validation: {
    bad: false,
    short:
      'Validation images chose this run’s best epoch: repaired by it, its validation figure says a little too much.',
    full: 'Only labels that count against the run are looked at, which favours it and runs like it. The test part is not touched: compare there.',
  },
  train: {
    bad: false,
    short:
      'The run learned from these images, wrong labels too: it repeats many of them. Suspects find more.',
    full: 'No figure is measured on training images, so that repairing them biases none: the gain shows on validation and test images.',
  },
  suspects: {
    bad: false,
    short: 'Found by predictions out of fold: what judges an image was fitted without it.',
    full: 'Repairing training and validation images this way biases no test figure. Test images among them are shown only where you choose their part.',
  },
};
