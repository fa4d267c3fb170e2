/** An epoch for tests: those that are about something else need not know which metrics there are. */
import { Epoch } from './run.ts';

/** @param number from 1 @param more what the test is about; metrics that it does not name are as in a run of before them */
export const epochOf = (number: number, more: Partial<Epoch> = {}): Epoch => ({
  ...Epoch.parse({
    ...{ epoch: number, trainLoss: 1, trainAccuracy: 0.5, validationLoss: 1, validationAccuracy: 0.75 },
    ...{ learningRate: 0.1, imagesPerSecond: 1, seconds: 1 },
  }),
  ...more,
});
