/**
 * Proof that an exported file answers as the studio does: another runtime, which shares no code with the
 * engine, reads the very bytes that are to be shipped and classifies the same pixels. Which pixels, and what
 * becomes of a file that fails, is left to proven-model.ts.
 */
import { type AnswerLimits, type Verdict, verdicts } from '#contract/answer-rule.ts';
import type { Parity } from '#contract/exporters.ts';
import { AtelierError } from '#contract/errors.ts';
import { greatest } from '#recipe/metrics/counts.ts';
import type * as runtime from 'onnxruntime-node';
import { noveltyOutput, verdictOutput } from '#learning/onnx/answer-rule.ts';
import { inputName, outputName } from '#learning/onnx/onnx.ts';

/** Greatest difference of a probability that float32 rounding in another order may make. */
export const parityTolerance = 1e-4;
/** Greatest difference of a novelty, as a share of it (of 1 where it is less). */
export const noveltyTolerance = 1e-3;
/** Images in one call of the runtime. */
const batchSize = 128;

export interface Golden {
  /** uint8, of `shape`. */
  pixels: Uint8Array;
  /** [images, height, width, channels]. */
  shape: readonly [number, number, number, number];
  /** The studio's answers, [images, classes]. */
  probabilities: Float32Array;
  /** The studio's verdicts under an answer rule, [images] each; absent or null without one. */
  judged?: (AnswerLimits & { novelty: Float64Array; verdicts: readonly Verdict[] }) | null;
}

/**
 * Passes where no probability differs by more than the tolerance. A label can then flip only between two
 * classes that the studio holds for equal within twice the tolerance; such flips are counted all the same. So are verdicts that flip: only
 * those of images that lie within the tolerance of a threshold may.
 * @param model bytes of an ONNX file
 * @throws PARITY_FAILED, with the figures, where it does not pass or the runtime cannot read the file
 * @throws CANCELLED when `signal` says so
 */
export async function proveParity(
  model: Uint8Array,
  golden: Golden,
  options: { onProgress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<Parity> {
  const [images, height, width, channels] = golden.shape;
  if (images === 0) throw failed('expected at least one image to compare on, received none');
  const classCount = golden.probabilities.length / images;
  const size = height * width * channels;
  const { ort, session } = await load(model);
  let largestDifference = 0;
  let labelFlips = 0;
  const { judged = null } = golden;
  const verdict = { flips: 0, far: 0, difference: 0 };
  try {
    for (let start = 0; start < images; start += batchSize) {
      if (options.signal?.aborted)
        throw new AtelierError('CANCELLED', 'The export was cancelled; nothing was written.');
      const end = Math.min(start + batchSize, images);
      const pixels = golden.pixels.subarray(start * size, end * size);
      const input = new ort.Tensor('uint8', pixels, [end - start, height, width, channels]);
      const outputs = await session.run({ [inputName]: input });
      const answer = outputs[outputName]!.data as Float32Array;
      const expected = golden.probabilities.subarray(start * classCount, end * classCount);
      for (let index = 0; index < expected.length; index += 1) {
        const difference = Math.abs(answer[index]! - expected[index]!);
        // Not a number is the greatest difference of all.
        if (!(difference <= largestDifference))
          largestDifference = Number.isNaN(difference) ? Infinity : difference;
      }
      for (let offset = 0; offset < expected.length; offset += classCount) {
        if (greatest(answer, classCount, offset) !== greatest(expected, classCount, offset)) labelFlips += 1;
      }
      if (judged) compareVerdicts(outputs, golden, judged, [start, end], verdict);
      options.onProgress?.(end, images);
    }
  } finally {
    await session.release();
  }

  const parity: Parity = {
    images,
    // JSON has no infinity, and probabilities differ by one at most.
    largestDifference: Math.min(largestDifference, 1),
    labelFlips,
    tolerance: parityTolerance,
    passed:
      largestDifference <= parityTolerance && verdict.far === 0 && verdict.difference <= noveltyTolerance,
    ...(judged
      ? { verdictFlips: verdict.flips, largestNoveltyDifference: Math.min(verdict.difference, 1) }
      : {}),
    runtime: `onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}`,
  };
  if (!parity.passed) {
    throw failed(
      `expected probabilities within ${parityTolerance} of the studio's, received a difference of ${parity.largestDifference} and ${labelFlips} other labels${judged ? `, ${verdict.flips} other verdicts and novelties that differ by ${parity.largestNoveltyDifference} of themselves` : ''} on ${images} images`,
      { ...parity },
    );
  }
  return parity;
}

/** Counts verdicts that flip, those of them that no rounding explains, and how far novelties are apart. */
function compareVerdicts(
  outputs: runtime.InferenceSession.OnnxValueMapType,
  { probabilities, shape: [images] }: Golden,
  { novelty, verdicts: expected, threshold, noveltyThreshold }: NonNullable<Golden['judged']>,
  [start, end]: [number, number],
  found: { flips: number; far: number; difference: number },
): void {
  const received = outputs[noveltyOutput]!.data as Float32Array;
  const places = outputs[verdictOutput]!.data as BigInt64Array;
  const classCount = probabilities.length / images;
  for (let image = start; image < end; image += 1) {
    const own = novelty[image]!;
    const scale = Math.max(1, Math.abs(own));
    const difference = Math.abs(received[image - start]! - own) / scale;
    if (!(difference <= found.difference))
      found.difference = Number.isNaN(difference) ? Infinity : difference;
    if (verdicts[Number(places[image - start])] === expected[image]) continue;
    found.flips += 1;
    const top = Math.max(...probabilities.subarray(image * classCount, (image + 1) * classCount));
    const near =
      Math.abs(top - threshold) <= parityTolerance ||
      Math.abs(own - noveltyThreshold) <= noveltyTolerance * scale;
    if (!near) found.far += 1;
  }
}

function failed(what: string, details: Partial<Parity> = {}, cause?: unknown): AtelierError {
  return new AtelierError(
    'PARITY_FAILED',
    `The predictions of the exported model differ from the studio’s, so nothing was written: ${what}. Train the run again, or report this with its recipe.`,
    details,
    { cause },
  );
}

/** Loaded late: only an export needs the runtime's native library. */
async function load(model: Uint8Array): Promise<{ ort: typeof runtime; session: runtime.InferenceSession }> {
  try {
    const ort = await import('onnxruntime-node');
    const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
    return { ort, session };
  } catch (cause) {
    throw failed(`onnxruntime-node could not load it (${(cause as Error).message})`, {}, cause);
  }
}
