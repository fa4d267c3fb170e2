/** Metrics in words, the same in the window, on the command line and in a bundle. How a window writes numbers is its own. */
import { classMetrics } from './class-metrics.ts';
import type { Interval } from './interval.ts';
import type { Metric } from './metric.ts';
import type { ClassScores, EvaluationScores } from './stored.ts';

/** Its label in a sentence; with a k where one is known. */
export const labelOf = (metric: Pick<Metric, 'key' | 'label' | 'atK'>, k?: number | null): string =>
  withK(metric, metric.label, k);

/** Its label as a heading. */
export function titleOf(metric: Pick<Metric, 'key' | 'label' | 'atK'>, k?: number | null): string {
  const label = labelOf(metric, k);
  return label.charAt(0).toUpperCase() + label.slice(1);
}

/** Of label, help or short: "top-k" becomes "top-3". */
export const withK = (
  { atK }: Pick<Metric, 'key' | 'atK'>,
  text: string,
  k: number | null | undefined,
): string => (atK && typeof k === 'number' ? text.replace(/\bk\b/, String(k)) : text);

/** A value in plain characters: "90.33 %", "0.2481"; "–" where there is none. */
export function valueText({ format }: Pick<Metric, 'format'>, value: number | null): string {
  if (value === null) return '–';
  return format === 'percent' ? `${(value * 100).toFixed(2)} %` : value.toFixed(4);
}

/** An interval in plain characters: "72.01 % to 79.68 %"; "–" where there is none. */
export const intervalText = (metric: Pick<Metric, 'format'>, interval: Interval | null): string =>
  interval ? `${valueText(metric, interval.low)} to ${valueText(metric, interval.high)}` : '–';

/** An accuracy with its interval and how that was made: "76.00 % (95 % interval 72.01 % to 79.68 %, exact)". */
export const accuracyText = ({
  accuracy,
  accuracyInterval,
}: Pick<EvaluationScores, 'accuracy' | 'accuracyInterval'>) =>
  `${valueText({ format: 'percent' }, accuracy)} (95 % interval ${intervalText({ format: 'percent' }, accuracyInterval)}, exact)`;

/** The cells of a class in a table, each value with its exact interval where it has one: "80.00 % (72.01 to 86.34)". */
export const classCells = (score: ClassScores): string[] =>
  classMetrics.map((metric) => {
    const [value, interval] = [score[metric.key], score[`${metric.key}Interval`]];
    if (value === null || interval === null) return valueText(metric, value);
    const end = (at: number) => (100 * at).toFixed(2);
    return `${valueText(metric, value)} (${end(interval.low)} to ${end(interval.high)})`;
  });

/** A difference of shares in percentage points, with its sign: "+2.1", "−0.4", "0.0". @param digits behind the point */
export function pointsText(by: number, digits = 1): string {
  const size = Math.abs(100 * by).toFixed(digits);
  return Number(size) === 0 ? size : `${by < 0 ? '−' : '+'}${size}`;
}
