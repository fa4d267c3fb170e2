/** The reference against what was measured: networks of many kinds, sizes and batches, frozen here and there. */
import { expect, it } from 'vitest';
import { trainingCosts } from './costs.ts';
import { measuredCosts } from './measured-costs.ts';

const within = 1.5;

it.each(measuredCosts)('$recipe.name', ({ recipe, images, ...measured }) => {
  const { step, answers, feature } = trainingCosts(
    recipe,
    6,
    { train: images, validation: images, test: 0 },
    0,
  );
  const holds = (stated: number, seconds: number) => {
    expect(stated / seconds).toBeLessThan(within);
    expect(stated / seconds).toBeGreaterThan(1 / within);
  };
  // What takes a millisecond is mostly what a loop has around it, which the bench has not.
  if (measured.step > 0.005) holds(step.seconds, measured.step);
  if (measured.answers > 0.005) holds(answers(images).seconds, measured.answers);
  expect(feature === null).toBe(measured.feature === null);
  if (feature && measured.feature !== null) holds(feature.seconds, measured.feature);
});
