/** What the Judge room says: kinds of test-time augmentation, views, how far probabilities can be trusted. */
import type { Tta } from '#contract/evaluation.ts';
import type { Calibration, Evidence } from '#contract/evidence.ts';
import type { Split } from '#contract/project.ts';
import { counted, percent } from '../../format.ts';

/** What the left side shows. */
export const judgeViews = [
  'matrix',
  'curves',
  'calibration',
  'errors',
  'robustness',
  'improve',
  'repair',
] as const;
export type JudgeViewName = (typeof judgeViews)[number];
export const judgeViewWords: Record<JudgeViewName, string> = {
  matrix: 'Matrix',
  curves: 'Curves',
  calibration: 'Calibration',
  errors: 'Errors',
  robustness: 'Robustness',
  improve: 'Improve',
  repair: 'Repair',
};

/** A part of the data, before "images" or "part". */
export const partWords: Record<Split, string> = { train: 'training', validation: 'validation', test: 'test' };

export const ttaWords: Record<Tta, string> = {
  none: 'No test-time augmentation',
  flip: 'TTA: mirror image',
  'flip-shift': 'TTA: mirror image and shifts',
};

/** With its interval, where there is one. */
const errorWords = ({ error, interval }: Calibration): string =>
  interval ? `${percent(error)} (${percent(interval.low)} to ${percent(interval.high)})` : percent(error);

/** Whether probabilities are as often right as they say, and what a temperature does to that. */
export function calibrationWords({ calibration, temperature, count }: Evidence): string {
  if (!calibration) return '';
  const mean = calibration.bins.reduce(
    (sum, bin) => sum + bin.images * ((bin.confidence ?? 0) - (bin.accuracy ?? 0)),
    0,
  );
  const sure = mean / count;
  const how =
    Math.abs(sure) < 0.01
      ? 'Probabilities are about as often right as they say'
      : `Probabilities are ${sure > 0 ? 'too high' : 'too low'}, by ${percent(Math.abs(sure), 1)} on average`;
  if (!temperature)
    return `${how} (expected calibration error ${errorWords(calibration)}). A temperature needs validation images of which some are answered wrong.`;
  return `${how}: expected calibration error ${errorWords(calibration)}. With a temperature of ${temperature.temperature.toFixed(2)}, fitted on ${counted(temperature.images, 'validation image')}, it is ${errorWords(temperature.calibration)}; which class is predicted does not change.`;
}
