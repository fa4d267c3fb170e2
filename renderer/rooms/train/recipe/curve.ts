/** The learning rate over a whole run as a drawable line. The arithmetic is the training's own (recipe/learning-rate.ts). Pure. */
import type { Schedule } from '#recipe/schedule.ts';
import { learningRate } from '#recipe/learning-rate.ts';
import type { Point } from '../../../parts/plot/points.ts';

/** Fewer than the pixels of a plot: points that share one would be drawn as a step. */
const mostPoints = 200;

/** An example for what depends on the run: the validation loss falls for the first third and then no more. */
const example = (epochs: number) =>
  Array.from({ length: epochs }, (_, epoch) => ({ validationLoss: 1 / Math.min(epoch + 1, epochs / 3) }));

/**
 * @param peak the recipe's learning rate
 * @param images of the training split; steps are drawn as if there were 100 where there are none
 * @returns rates over epochs
 */
export function scheduleCurve(
  schedule: Schedule,
  peak: number,
  { epochs, batchSize, images }: { epochs: number; batchSize: number; images: number },
): Point[] {
  const stepsPerEpoch = images > 0 ? Math.max(1, Math.floor(images / batchSize)) : 100;
  const steps = stepsPerEpoch * epochs;
  const losses = schedule.kind === 'reduce-on-plateau' ? example(epochs) : [];
  const every = Math.max(1, Math.floor(steps / mostPoints));
  const points: Point[] = [];
  for (let step = 0; step < steps; step += every) {
    const done = losses.slice(0, Math.floor(step / stepsPerEpoch));
    points.push({
      x: step / stepsPerEpoch,
      y: learningRate(schedule, peak, { step, steps, stepsPerEpoch, epochs: done }),
    });
  }
  const last = steps - 1;
  points.push({
    x: epochs,
    y: learningRate(schedule, peak, { step: last, steps, stepsPerEpoch, epochs: losses.slice(0, -1) }),
  });
  return points;
}
