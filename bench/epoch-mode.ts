/**
 * Atelier's side of the epoch comparison, in a process of its own: says "ready", then answers each line on stdin,
 * which holds a number of images, with the speed of training on so many. The step is the studio's own.
 */
import { openEngine } from '#learning/tensorflow/engine.ts';
import { openBatches } from '#learning/training/loop/batches.ts';
import { serveRounds } from './lines.ts';
import { EPOCH_IMAGES, epochRecipe } from './recipes.ts';
import { openStudioStep } from './studio-step.ts';

/** Serves rounds until stdin ends. */
export async function runEpochMode(write: (line: string) => void): Promise<void> {
  const { training } = epochRecipe;
  const engine = await openEngine({ precision: training.precision });
  const step = openStudioStep(epochRecipe, EPOCH_IMAGES);
  const batches = openBatches(training, step.labels, step.all);
  let number = 0;
  const train = (indices: Int32Array) => step.run(indices, training.learningRate, ++number);
  for (const batch of batches.epoch(1).slice(0, 3)) train(batch);
  await step.totals();

  const { kind, version, device, threads } = engine.info;
  await serveRounds(write, { library: `${kind} ${version}`, device, threads }, async (amount) => {
    const start = performance.now();
    step.resetTotals();
    let seen = 0;
    for (const batch of batches.epoch(number)) {
      train(batch);
      seen += batch.length;
      if (seen >= amount) break;
    }
    const totals = await step.totals();
    const seconds = (performance.now() - start) / 1000;
    return { imagesPerSecond: seen / seconds, loss: totals.loss / totals.steps };
  });
  step.dispose();
  engine.close();
}
