/**
 * Atelier's side of the epoch comparison, in a process of its own: says "ready", then answers each line on stdin,
 * which holds a number of images, with the speed of training on so many. The step is the studio's own.
 */
import { createInterface } from 'node:readline';
import { buildNetwork } from '#learning/model/network.ts';
import { resolveNormalisation } from '#learning/model/preprocessing.ts';
import { openEngine } from '#learning/tensorflow/engine.ts';
import { residentImages } from '#learning/tensorflow/operations.ts';
import { openBatches } from '#learning/training/batches.ts';
import { openStep } from '#learning/training/step.ts';
import { drawImages, EPOCH_IMAGES, epochRecipe } from './epoch-recipe.ts';
import { peakBytes, type Ready, type Round } from './lines.ts';

const CLASSES = 10;

/** Serves rounds until stdin ends. */
export async function runEpochMode(write: (line: string) => void): Promise<void> {
  const { training, preprocessing } = epochRecipe;
  const engine = await openEngine({ precision: training.precision });
  const pixels = drawImages(EPOCH_IMAGES);
  const labels = Int32Array.from({ length: EPOCH_IMAGES }, (_, index) => index % CLASSES);
  const all = Int32Array.from(labels.keys());
  const images = residentImages(pixels, [EPOCH_IMAGES, 28, 28, 1]);
  const network = buildNetwork(epochRecipe, CLASSES);
  const normalisation = resolveNormalisation(preprocessing, pixels, all);
  const step = openStep({
    recipe: epochRecipe,
    network,
    average: null,
    images,
    labels,
    normalisation,
    classWeights: null,
  });
  const batches = openBatches(training, labels, all);
  let number = 0;
  const train = (indices: Int32Array) => step.run(indices, training.learningRate, ++number);
  for (const batch of batches.epoch(1).slice(0, 3)) train(batch);
  await step.totals();

  const { kind, version, device, threads } = engine.info;
  const ready: Ready = { ready: true, library: `${kind} ${version}`, device, threads };
  write(JSON.stringify(ready));
  for await (const line of createInterface({ input: process.stdin })) {
    const start = performance.now();
    step.resetTotals();
    let seen = 0;
    for (const batch of batches.epoch(number)) {
      train(batch);
      seen += batch.length;
      if (seen >= Number(line)) break;
    }
    const totals = await step.totals();
    const round: Round = {
      imagesPerSecond: seen / ((performance.now() - start) / 1000),
      loss: totals.loss / totals.steps,
      peakBytes: peakBytes(),
    };
    write(JSON.stringify(round));
  }
  step.dispose();
  images.dispose();
  network.dispose();
  engine.close();
}
