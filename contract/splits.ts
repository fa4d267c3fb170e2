/**
 * Parts that leak nothing: which images belong together and why, how much the present parts leak, what a draw comes to, and how
 * often the test part was looked at. Finding groups is left to learning/splits, carrying it out to engine/jobs/split.ts.
 */
import * as z from 'zod';
import { ClassId, ItemId } from './ids.ts';
import { path } from './paths.ts';

/** What a person says of images that belong together, beside those that look alike. */
export const GroupKey = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('folder') }),
  /** What the file's name begins with, up to the separator. */
  z.strictObject({ kind: z.literal('prefix'), separator: z.string().min(1).max(8) }),
  /** A regular expression with a part in parentheses, or a template with {group} and *, as learning/splits/name-keys.ts reads it. */
  z.strictObject({ kind: z.literal('pattern'), pattern: z.string().min(1).max(200) }),
  /** A column of a table that also has one for the images. */
  z.strictObject({ kind: z.literal('column'), column: z.string().min(1).max(120) }),
]);
export type GroupKey = z.infer<typeof GroupKey>;

/** Which images belong together: copies of one image and groups of the source always do. */
export const GroupBy = z.strictObject({
  /** Near duplicates, and numbered neighbours that look alike. */
  lookAlikes: z.boolean().default(true),
  key: GroupKey.default({ kind: 'none' }),
});
export type GroupBy = z.infer<typeof GroupBy>;

/** Where the table of a column lies: on this machine, or handed over. */
export const GroupTable = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), path }),
  z.object({ kind: z.literal('upload'), uploadId: z.string() }),
]);
export type GroupTable = z.infer<typeof GroupTable>;

/** Why two images are taken for look-alikes. */
export const alikeReasons = ['near-duplicate', 'sequence'] as const;

/** Two images that look alike. */
export const LookAlike = z.object({
  a: ItemId,
  b: ItemId,
  reason: z.enum(alikeReasons),
  /** 1 for the same; how alike the pictures or the embeddings are. */
  similarity: z.number(),
});
export type LookAlike = z.infer<typeof LookAlike>;

/** What is known of the groups of a project. */
export const GroupFacts = z.object({
  by: GroupBy,
  at: z.string(),
  /** By what near duplicates were looked for. */
  seenBy: z.enum(['pictures', 'pictures and embeddings']),
  /** Groups of two images or more, and the images in them. */
  groups: z.int(),
  images: z.int(),
  /** Pairs of look-alikes. */
  pairs: z.int(),
  /** Images that came later, and are in no group yet. */
  later: z.int(),
  /** Rows of the table that name no image. */
  unmatched: z.int(),
  /** The largest ones, with some of their images. */
  largest: z.array(z.object({ images: z.int(), itemIds: z.array(ItemId) })),
});
export type GroupFacts = z.infer<typeof GroupFacts>;

/** Images of a part of which one of the same group trains. */
export const Leak = z.object({ images: z.int(), leaked: z.int() });
export type Leak = z.infer<typeof Leak>;
export const PartLeaks = z.object({ validation: Leak, test: Leak });
export type PartLeaks = z.infer<typeof PartLeaks>;

export const TestPart = z.object({
  /** Names this very set of images (a digest of their ids); null where the part is empty. */
  version: z.string().nullable(),
  images: z.int(),
  /** Runs that were evaluated on this version, and pairs of runs that were compared on it; deleted ones too. */
  runs: z.int(),
  comparisons: z.int(),
  /** Runs by which test images of this version were repaired: relabelled or excluded. */
  repairs: z.int(),
  /**
   * What was counted of other versions that share images with this one, and not of this one: how many of its images those had. null
   * where nothing was.
   */
  earlier: z.object({ images: z.int(), runs: z.int(), comparisons: z.int(), repairs: z.int() }).nullable(),
  /** Nothing was evaluated on it, and trainings leave it alone until a person evaluates a run on it. */
  sealed: z.boolean(),
  /** Which runs that are there were evaluated on which version; null for those from before versions were kept. */
  evaluated: z.array(z.object({ version: z.string().nullable(), runs: z.array(z.string()) })),
});
export type TestPart = z.infer<typeof TestPart>;

/** How often a choice may have been informed by the test part: docs/decisions/0049. */
export const timesInformed = ({
  runs,
  comparisons,
  repairs,
}: Pick<TestPart, 'runs' | 'comparisons' | 'repairs'>): number => runs + comparisons + repairs;

/** Of an error's details, as `takes`: it is done where a person says yes to a new test part (`acceptNewTest`). */
export const newTestYes = 'acceptNewTest';

/** How many runs were evaluated on the test part or on one that shares images with it: from one on, another one takes a yes. */
export const runsOnTest = ({ runs, earlier }: Pick<TestPart, 'runs' | 'earlier'>): number =>
  runs + (earlier?.runs ?? 0);

/** What is said of other versions that share images with the present one; null where none of them was used. */
export const earlierUseWords = ({ images, earlier }: Pick<TestPart, 'images' | 'earlier'>): string | null =>
  earlier &&
  `${earlier.images.toLocaleString('en')} of these ${images.toLocaleString('en')} images were in a test part that may have informed ${timesInformed(earlier).toLocaleString('en')} ${timesInformed(earlier) === 1 ? 'choice' : 'choices'}`;

export const SplitState = z.object({
  /** null where groups were never looked for. */
  groups: GroupFacts.nullable(),
  /** Of the present parts; null without groups. */
  leaks: PartLeaks.nullable(),
  test: TestPart,
});
export type SplitState = z.infer<typeof SplitState>;

/** What is drawn. */
export const SplitDraw = z.object({
  /** Of what is not test data. */
  validationShare: z.number().min(0.01).max(0.9),
  /** Of all images; the test part stays as it is where absent, 0 leaves none. */
  testShare: z.number().min(0).max(0.9).optional(),
  seed: z.int().min(0),
  /** Also draws images whose part the source says; they stay where they are otherwise. */
  fixed: z.boolean().optional(),
  /** Which images belong together; absent: as before, or those that look alike. null: copies and groups of the source alone. */
  groupBy: GroupBy.nullable().optional(),
  /** Of `groupBy.key` of the kind column. */
  table: GroupTable.optional(),
  /** Draws the new test part from images that are not in the present one, and seals it. */
  fresh: z.boolean().optional(),
  /** Says yes to a new test part though runs were evaluated on the present one: figures of before are no longer comparable. */
  acceptNewTest: z.literal(true).optional(),
  /** Only says what it would come to. */
  dryRun: z.literal(true).optional(),
});
export type SplitDraw = z.infer<typeof SplitDraw>;

/** What a draw comes to. */
export const SplitReport = z.object({
  groups: GroupFacts.nullable(),
  /** Images that go to another part. */
  moved: z.int(),
  /** Of this draw, and of one at random with the same shares and seed. */
  leaks: PartLeaks,
  randomLeaks: PartLeaks,
  /** Look-alikes that the draw at random would put on two sides: how many pairs, and the most alike. */
  separated: z.object({ count: z.int(), pairs: z.array(LookAlike) }),
  classes: z.array(
    z.object({ classId: ClassId, name: z.string(), train: z.int(), validation: z.int(), test: z.int() }),
  ),
  /** Classes that whole groups do not spread as asked, each in a sentence. */
  unbalanced: z.array(z.string()),
});
export type SplitReport = z.infer<typeof SplitReport>;

/** Look-alikes on two sides of something. */
export const Separated = z.object({
  /** Images that have a look-alike on the other side, of so many. */
  leaked: z.int(),
  images: z.int(),
  count: z.int(),
  /** The most alike first. */
  pairs: z.array(LookAlike),
});
export type Separated = z.infer<typeof Separated>;

/** What is said where two runs were not evaluated on the same version of the part; null where they were, or that is not known. */
export const versionWords = (
  { sameVersion, count }: { sameVersion: boolean | null; count: number },
  a: string,
  b: string,
  split: string,
): string | null =>
  sameVersion === false
    ? `${a} and ${b} have not the same ${split} part: it was drawn anew, or images came or went in between. Their figures are not comparable; only the ${count.toLocaleString('en')} images of both are compared here.`
    : null;

/** What is said of a run that had learned from images that test it; null where it had not. */
export const trainedOnWords = ({ trainedOn, count }: { trainedOn: number; count: number }): string | null =>
  trainedOn === 0
    ? null
    : `The run had trained or validated on ${trainedOn.toLocaleString('en')} of these ${count.toLocaleString('en')} images: parts were drawn anew since. This figure says too much; train again.`;

/** What is said where nobody has looked for look-alikes between parts that were drawn; null where somebody has, or the source says all parts. */
export const unlookedWords = (
  { groups }: Pick<SplitState, 'groups'>,
  { train, validation, test, fixed }: { train: number; validation: number; test: number; fixed: number },
): string | null =>
  groups || train + validation + test <= fixed
    ? null
    : 'Nobody has looked for look-alikes between the parts yet: figures may say too much.';

/** What is said before something is chosen by the present validation part: that nobody looked, or what leaks. */
export const validationWarnings = (
  state: Pick<SplitState, 'groups' | 'leaks'>,
  counts: Parameters<typeof unlookedWords>[1],
): string[] => {
  const unlooked = unlookedWords(state, counts);
  return unlooked ? [unlooked] : leakWarnings(state, ['validation']);
};

/** What is odd about the present parts; empty where nothing is, or groups were never looked for. */
export function leakWarnings(
  { groups, leaks }: Pick<SplitState, 'groups' | 'leaks'>,
  parts: readonly ('test' | 'validation')[] = ['test', 'validation'],
): string[] {
  if (!groups || !leaks) return [];
  const number = (count: number) => count.toLocaleString('en');
  const how =
    groups.by.key.kind === 'none' ? 'look like training images' : 'belong to a group that also trains';
  const found = parts
    .filter((part) => leaks[part].leaked > 0)
    .map(
      (part) =>
        `${number(leaks[part].leaked)} of ${number(leaks[part].images)} images of the ${part} part ${how}, so that what is measured there says too much.`,
    );
  return groups.later > 0
    ? [
        ...found,
        `${number(groups.later)} ${groups.later === 1 ? 'image' : 'images'} came after look-alikes were looked for: nobody has looked for theirs yet.`,
      ]
    : found;
}
