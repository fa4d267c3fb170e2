/**
 * Atelier's side of the epoch comparison, in a process of its own: says "ready", then answers each line on stdin,
 * which holds a number of images, with the speed of training on so many. The step is the studio's own.
 */
import { createInterface } from 'node:readline';
import { openEngine } from '#learning/tensorflow/engine.ts';
import { openBatches } from '#learning/training/loop/batches.ts';
import { peakBytes, type Ready, type Round } from './lines.ts';
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
  engine.close();
}
