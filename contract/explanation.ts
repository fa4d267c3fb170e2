/**
 * Why a run answers as it does about one image: where the evidence of a class lies, and which training images are most like it to the run. How it is
 * computed is learning/explain.
 */
import * as z from 'zod';
import { ClassId, RunId } from './ids.ts';
import { Item } from './project.ts';
import type { Preprocessing } from '#recipe/preprocessing.ts';

/** `grad-cam`: Selvaraju et al. 2017. `occlusion`: Zeiler and Fergus 2014. */
export const explanationMethods = ['grad-cam', 'occlusion'] as const;
export const ExplanationMethod = z.enum(explanationMethods);
export type ExplanationMethod = z.infer<typeof ExplanationMethod>;

export const explanationMethodWords: Record<ExplanationMethod, { label: string; about: string }> = {
  'grad-cam': {
    label: 'Grad-CAM',
    about: 'Where the last map of activations holds evidence for the class.',
  },
  occlusion: {
    label: 'Occlusion',
    about: 'How far the probability of the class falls when a patch covers the place.',
  },
};

/** Heat over the image as the network saw it, in cells that tile it. */
export const Heat = z.object({
  height: z.int().min(1),
  width: z.int().min(1),
  /** Row by row. Grad-CAM: 0 or more. Occlusion: the probability less that with the place covered; below 0 where covering helps. */
  values: z.array(z.number()),
});
export type Heat = z.infer<typeof Heat>;

export const Explanation = z.object({
  runId: RunId,
  name: z.string(),
  method: ExplanationMethod,
  classes: z.array(z.object({ id: ClassId.nullable(), name: z.string() })),
  /** In the order of `classes`; of the network itself, without an answer rule. */
  probabilities: z.array(z.number()),
  /** Indices of the greatest probability, and of the class that is explained. */
  predicted: z.int(),
  target: z.int(),
  /** null where the method cannot be used with this network; `reason` then says why. */
  heat: Heat.nullable(),
  reason: z.string().nullable(),
  /** Grad-CAM: the operation of the network whose map it is. */
  layer: z.string().nullable(),
  /** Occlusion: the patch in pixels of the network's input, and how far it moves from cell to cell. */
  patch: z
    .object({ height: z.int(), width: z.int(), stepDown: z.number(), stepRight: z.number() })
    .nullable(),
  /** How the network saw the image (`heatFrame`). */
  input: z.object({ width: z.int(), height: z.int(), fit: z.enum(['letterbox', 'crop', 'stretch']) }),
  /** Addresses: the image as the network saw it; the same with the heat over it, null without heat. */
  networkImage: z.string(),
  overlay: z.string().nullable(),
  milliseconds: z.number(),
});
export type Explanation = z.infer<typeof Explanation>;

/** What a run's classifier looks at: the training images that are most like one to it, the likest first. */
export const NearestTraining = z.object({
  /** Training images that have not been looked at yet; while there are any, `nearest` is of the others. */
  missing: z.int(),
  images: z.int(),
  /** With the cosine of what the classifier looks at. */
  nearest: z.array(z.object({ item: Item, similarity: z.number() })),
});
export type NearestTraining = z.infer<typeof NearestTraining>;

export const usualNearest = 8;
export const mostNearest = 100;

/**
 * Where what the network saw lies on the image itself, in parts of its sides: of a crop within it, of a letterbox beyond it.
 */
export function heatFrame(
  image: { width: number; height: number },
  input: Pick<Preprocessing, 'width' | 'height' | 'fit'>,
): { left: number; top: number; width: number; height: number } {
  if (input.fit === 'stretch') return { left: 0, top: 0, width: 1, height: 1 };
  const ratios = [input.width / image.width, input.height / image.height];
  const scale = input.fit === 'crop' ? Math.max(...ratios) : Math.min(...ratios);
  const width = input.width / (image.width * scale);
  const height = input.height / (image.height * scale);
  return { left: (1 - width) / 2, top: (1 - height) / 2, width, height };
}
