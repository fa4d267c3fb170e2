/** Metrics in words, the same in the window, on the command line and in a bundle. How a window writes numbers is its own. */
import type { Metric } from './metric.ts';

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

/** A difference of shares in percentage points, with its sign: "+2.1", "−0.4", "0.0". @param digits behind the point */
export function pointsText(by: number, digits = 1): string {
  const size = Math.abs(100 * by).toFixed(digits);
  return Number(size) === 0 ? size : `${by < 0 ? '−' : '+'}${size}`;
}
