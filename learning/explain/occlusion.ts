/**
 * Occlusion (Zeiler and Fergus 2014): how far the probability of a class falls where a patch of the image is covered. It asks nothing of a network but
 * its answers, so it works for all. Covered is with the grey that normalisation makes 0: the mean of the training images where that was measured.
 */
import type { Predictor } from '#learning/evaluation/predict.ts';
import type { PredictOptions } from '#learning/evaluation/predict.ts';
import type { Normalisation } from '#learning/model/preprocessing.ts';
import { whyNoProbabilities } from '#learning/evaluation/probabilities.ts';
import { AtelierError } from '#contract/errors.ts';

/** Cells of the longer side: with so many a photograph takes seconds, and a cell is two pixels of a 28-pixel image. */
const mostCells = 14;
/** Of a patch, as a part of the side; Zeiler and Fergus covered 50 of 225 pixels. */
const patchShare = 0.25;

export interface OcclusionPlan {
  /** Cells: one number each. */
  height: number;
  width: number;
  /** Of the patch in pixels of the network's input; at a border less of it covers anything. */
  patchHeight: number;
  patchWidth: number;
}

/** @param shape [height, width, channels] of the network's input */
export function planOcclusion([height = 1, width = 1]: readonly number[]): OcclusionPlan {
  const longer = Math.max(height, width);
  const cells = (side: number) => Math.max(1, Math.min(side, Math.round((mostCells * side) / longer)));
  const patch = (side: number) => Math.max(Math.ceil(side / cells(side)), Math.round(patchShare * side));
  return {
    height: cells(height),
    width: cells(width),
    patchHeight: patch(height),
    patchWidth: patch(width),
  };
}

export interface Occlusion extends OcclusionPlan {
  /** [height, width] row by row: the probability as it is less that with a patch over the middle of the cell. Negative where covering helps. */
  values: Float32Array;
}

/**
 * @param pixels uint8 [height, width, channels] at the recipe's size
 * @param shape of them
 * @param classIndex of the class that is asked about, and `probability` what it has uncovered
 * @throws CANCELLED, and CHECKPOINT_DAMAGED where answers are no probabilities
 */
export async function occlude(
  predictor: Predictor,
  { mean }: Normalisation,
  pixels: Uint8Array,
  shape: readonly number[],
  { classIndex, classCount, probability }: { classIndex: number; classCount: number; probability: number },
  options: PredictOptions = {},
): Promise<Occlusion> {
  const [height, width, channels] = shape as [number, number, number];
  const plan = planOcclusion(shape);
  const count = plan.height * plan.width;
  const size = pixels.length;
  const grey = mean.map((part) => Math.max(0, Math.min(255, Math.round(255 * part))));
  const covered = new Uint8Array(count * size);
  for (let cell = 0; cell < count; cell += 1) {
    const at = cell * size;
    covered.set(pixels, at);
    const [top, bottom] = span(Math.floor(cell / plan.width), plan.height, plan.patchHeight, height);
    const [left, right] = span(cell % plan.width, plan.width, plan.patchWidth, width);
    for (let y = top; y < bottom; y += 1)
      for (let x = left; x < right; x += 1)
        for (let channel = 0; channel < channels; channel += 1)
          covered[at + (y * width + x) * channels + channel] = grey[channel]!;
  }
  const answers = await predictor.predict(
    covered,
    Int32Array.from({ length: count }, (_, cell) => cell),
    options,
  );
  const why = whyNoProbabilities(answers, classCount);
  if (why !== null)
    throw new AtelierError(
      'CHECKPOINT_DAMAGED',
      `Expected probabilities of the covered images, but it answered ${why}. Train the run again.`,
    );
  const values = Float32Array.from(
    { length: count },
    (_, cell) => probability - answers[cell * classCount + classIndex]!,
  );
  return { ...plan, values };
}

/** The pixels that a patch over the middle of a cell covers: from the first to before the last. */
function span(cell: number, cells: number, patch: number, side: number): [number, number] {
  const middle = ((cell + 0.5) * side) / cells;
  const from = Math.round(middle - patch / 2);
  return [Math.max(0, from), Math.min(side, from + patch)];
}
