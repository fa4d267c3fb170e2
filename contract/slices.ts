/**
 * Error slices: sets of evaluated images that share something and hold more wrong answers than the rest. Which were tried, and how sure that is, is
 * learning/slices; here they are put into words.
 */
import * as z from 'zod';
import { Interval } from '#recipe/metrics/interval.ts';
import { ClassId, ItemId, RunId, SourceId } from './ids.ts';
import { Split } from './project.ts';

/** What ends of are looked at: facts of the images, and of their size. */
export const sliceFacts = {
  brightness: { low: 'Dark', high: 'Bright', label: 'brightness', unit: '' },
  contrast: { low: 'Low contrast', high: 'High contrast', label: 'contrast', unit: '' },
  sharpness: { low: 'Blurred', high: 'Sharp or noisy', label: 'sharpness', unit: '' },
  saturation: { low: 'Pale', high: 'Colourful', label: 'saturation', unit: ' %' },
  pixels: { low: 'Small', high: 'Large', label: 'size', unit: ' pixels' },
  aspect: { low: 'Tall', high: 'Wide', label: 'width ÷ height', unit: '' },
} as const;
export const sliceFactKeys = Object.keys(sliceFacts) as (keyof typeof sliceFacts)[];
export const SliceFact = z.enum(
  Object.keys(sliceFacts) as [keyof typeof sliceFacts, ...(keyof typeof sliceFacts)[]],
);
export type SliceFact = z.infer<typeof SliceFact>;

export const SliceCondition = z.discriminatedUnion('by', [
  /** `low`: values below `limit`; `high`: from it on. `share`: of the images, about. */
  z.object({
    by: z.literal('fact'),
    fact: SliceFact,
    side: z.enum(['low', 'high']),
    limit: z.number(),
    share: z.number(),
  }),
  z.object({ by: z.literal('class'), classId: ClassId, name: z.string() }),
  z.object({ by: z.literal('source'), sourceId: SourceId, name: z.string() }),
  z.object({ by: z.literal('folder'), name: z.string() }),
  z.object({ by: z.literal('file-type'), name: z.string() }),
  /** Images whose embeddings lie together; `mostly`: their commonest class, and its share of them. */
  z.object({ by: z.literal('cluster'), cluster: z.int(), mostly: z.string(), share: z.number() }),
]);
export type SliceCondition = z.infer<typeof SliceCondition>;

const Wrong = z.object({ images: z.int(), wrong: z.int(), interval: Interval });

export const Slice = Wrong.extend({
  /** Within these slices. */
  id: z.string(),
  condition: SliceCondition,
  rest: Wrong,
  /** Share that would be wrong were each of its classes as often wrong as in the rest; null where the rest has too few of them. */
  expected: z.number().nullable(),
  /** Fisher's exact test, one-sided, of this slice alone; and adjusted for all that were tried (Benjamini and Hochberg). */
  p: z.number(),
  adjusted: z.number(),
  /** Whether it is still told after that. */
  found: z.boolean(),
  /** Other slices of much the same images. */
  alike: z.array(SliceCondition),
});
export type Slice = z.infer<typeof Slice>;

export const Slices = z.object({
  runId: RunId,
  split: Split,
  /** Of the evaluation that they are of. */
  evaluatedAt: z.string(),
  computedAt: z.string(),
  images: z.int(),
  wrong: z.int(),
  /** How many slices were tested. */
  tried: z.int(),
  /** Of the slices that are told as found, so many are chance on average. */
  falseDiscoveryRate: z.number(),
  leastImages: z.int(),
  /** What computed the embeddings that clusters are of: the project's own, or the run itself; null where no clusters were made. */
  clusteredBy: z.enum(['project', 'run']).nullable(),
  /** Images whose facts could not be read. */
  unread: z.int(),
  slices: z.array(Slice),
});
export type Slices = z.infer<typeof Slices>;

/** As they are kept: with the images of each. */
export const StoredSlices = Slices.extend({
  slices: z.array(Slice.extend({ itemIds: z.array(ItemId) })),
});
export type StoredSlices = z.infer<typeof StoredSlices>;

const limitText = (value: number): string =>
  Math.abs(value) >= 10 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)));

/** Such as "Dark images: brightness below 63". */
export function sliceWords(condition: SliceCondition): string {
  switch (condition.by) {
    case 'fact': {
      const { low, high, label, unit } = sliceFacts[condition.fact];
      const limit = `${limitText(condition.limit)}${unit}`;
      return condition.side === 'low'
        ? `${low} images: ${label} below ${limit}`
        : `${high} images: ${label} ${limit} or more`;
    }
    case 'class':
      return `Class ${condition.name}`;
    case 'source':
      return `Source ${condition.name}`;
    case 'folder':
      return `Folder ${condition.name}`;
    case 'file-type':
      return `Files of type ${condition.name}`;
    case 'cluster':
      return `Look-alikes ${condition.cluster + 1}: ${Math.round(100 * condition.share)} % ${condition.mostly}`;
    default:
      return condition satisfies never;
  }
}

/** Whether the difference is told after so many tests, in a sentence. */
export function slicesWords({ slices, tried, falseDiscoveryRate, leastImages }: Slices): string {
  const found = slices.filter((slice) => slice.found).length;
  const rule = `of ${tried} slices with ${leastImages} images or more that were tried, at a false-discovery rate of ${Math.round(100 * falseDiscoveryRate)} %`;
  if (tried === 0)
    return `There are too few images for slices: each needs ${leastImages}, and as many beside it.`;
  if (found === 0) return `No slice is wrong more often than the rest beyond chance, ${rule}.`;
  return `${found === 1 ? 'One slice is' : `${found} slices are`} wrong more often than the rest, ${rule}.`;
}
