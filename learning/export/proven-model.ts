/** The network of a run as ONNX, proved in another runtime on the images it is given: what every format begins with. */
import type { Parity } from '#contract/exporters.ts';
import { encodeOnnx } from '#learning/onnx/onnx.ts';
import { type Plan, planOf } from '#recipe/plan.ts';
import type { ExportInput } from './export-input.ts';
import { proveParity } from './parity.ts';

/** @throws PARITY_FAILED where it answers otherwise, CANCELLED */
export async function provenModel(
  input: ExportInput,
): Promise<{ plan: Plan; model: Uint8Array; parity: Parity }> {
  const { recipe, classes, weights, normalisation, meta, goldenPixels, rule, onProgress, signal } = input;
  const { height, width, channels, fit } = recipe.preprocessing;
  const plan = planOf(recipe, classes.length);
  const { version, runId } = meta;
  const model = encodeOnnx({ plan, weights, normalisation, classes, fit, version, runId, rule });
  const images = goldenPixels.length / (height * width * channels);
  const parity = await proveParity(
    model,
    {
      pixels: goldenPixels,
      shape: [images, height, width, channels],
      probabilities: input.goldenProbabilities,
      judged: rule && { ...rule, ...rule.golden },
    },
    { onProgress, signal },
  );
  return { plan, model, parity };
}
