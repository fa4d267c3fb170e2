/** Expected calibration error of the most probable class (Naeini et al. 2015), in 15 bins of equal width (Guo et al. 2017). */
import { calibrationErrors, reliabilityBins } from '../statistics/reliability.ts';
import type { Metric } from './metric.ts';
import { topPredictions } from './top-predictions.ts';

export const expectedCalibrationError = {
  key: 'expectedCalibrationError',
  label: 'expected calibration error',
  short: 'ECE',
  help: 'how far probabilities are from shares that are right',
  format: 'percent',
  better: 'lower',
  range: [0, 1],
  at: 'evaluation',
  from: 'probabilities',
  biased: true,
  compute: (predictions) => calibrationErrors(reliabilityBins(topPredictions(predictions)))?.expected ?? null,
  example: (0.3 + 2 * 0.6 + 0.2 + 0.5 + 0.45) / 6,
} as const satisfies Metric;
