/** Numbers as people read them. Pure; one locale, so that figures can be copied and compared. */
import type { Job } from '#contract/job.ts';
import type { Metric } from '#recipe/metrics/metric.ts';
import { figure } from '#recipe/number.ts';

export { figure };

const narrowSpace = '\u202f';
const space = '\u00a0';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export const count = (value: number): string => whole.format(value);

/** "1 image", "70,000 images". */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** A share of 1 as "90.33 %"; "–" where there is none. */
export function percent(share: number | null | undefined, digits = 2): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return '–';
  return `${(share * 100).toFixed(digits)}${narrowSpace}%`;
}

/** A metric's value. */
export const score = (
  { format }: Pick<Metric, 'format'>,
  value: number | null | undefined,
  digits = 2,
): string => (format === 'percent' ? percent(value, digits) : figure(value));

/** How far a metric's value is from another: "+1.20" percentage points, "−0.031". */
export function scoreDifference({ format }: Pick<Metric, 'format'>, by: number): string {
  const size = Math.abs(by);
  const sign = by > 0 ? '+' : by < 0 ? '−' : '±';
  return `${sign}${format === 'percent' ? (size * 100).toFixed(2) : figure(size)}`;
}

/** A length of time: "8 s", "3 min 20 s", "1 h 5 min". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return `${rounded}${space}s`;
  const minutes = Math.floor(rounded / 60);
  if (minutes < 10) return `${minutes}${space}min ${rounded % 60}${space}s`;
  if (minutes < 60) return `${Math.round(rounded / 60)}${space}min`;
  const wholeMinutes = Math.round(rounded / 60);
  return `${Math.floor(wholeMinutes / 60)}${space}h ${wholeMinutes % 60}${space}min`;
}

const roundTimes = [
  5, 10, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 18_000, 36_000, 72_000,
];

/** Two lengths of time that are known roughly: "10–30 s", "5–15 min", "20 min–1 h", "up to 5 s". */
export function durationRange(low: number, high: number): string {
  // To the nearest of a few round ones, by their ratio.
  const near = (seconds: number) =>
    roundTimes.reduce((best, step) =>
      Math.abs(Math.log(step / seconds)) < Math.abs(Math.log(best / seconds)) ? step : best,
    );
  const [from, to] = [near(low), near(high)];
  const unit = (seconds: number): 's' | 'min' | 'h' => (seconds < 60 ? 's' : seconds < 3600 ? 'min' : 'h');
  const value = (seconds: number) => seconds / { s: 1, min: 60, h: 3600 }[unit(seconds)];
  const last = `${value(to)}${space}${unit(to)}`;
  if (from === to) return from === roundTimes[0] ? `up to ${last}` : last;
  return unit(from) === unit(to) ? `${value(from)}–${last}` : `${value(from)}${space}${unit(from)}–${last}`;
}

export function bytes(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = size;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? value.toFixed(0) : value.toFixed(1)}${narrowSpace}${units[unit]}`;
}

/** Counts too long for their place: "1.2 M", "65.8 k". */
export function short(value: number): string {
  if (Math.abs(value) >= 1e9) return `${(value / 1e9).toFixed(1)}${narrowSpace}G`;
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toFixed(1)}${narrowSpace}M`;
  if (Math.abs(value) >= 1e4) return `${(value / 1e3).toFixed(1)}${narrowSpace}k`;
  return count(value);
}

export const shape = (sides: readonly number[]): string => sides.join(' × ');

/** "12:04" today, "3 Mar, 12:04" otherwise. */
export function moment(iso: string, now = new Date()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '–';
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (date.toDateString() === now.toDateString()) return time;
  return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })}, ${time}`;
}

/** Name of the engine as the badge shows it: "TensorFlow 2.21.0 · CPU". */
export function engineName(engine: { kind: string; version: string; device: string }): string {
  const names: Record<string, string> = { tensorflow: 'TensorFlow', webgpu: 'WebGPU', wasm: 'WebAssembly' };
  return `${names[engine.kind] ?? engine.kind} ${engine.version} · ${engine.device}`;
}

/** How far a job is: "3,000 of 70,000 images"; "" while nothing of it can be counted. */
export function progressWords({
  done,
  total,
  unit,
}: Pick<Job['progress'], 'done' | 'total' | 'unit'>): string {
  if (total === null) return done > 0 ? `${count(done)} ${unit}`.trim() : '';
  return `${count(done)} of ${count(total)} ${unit}`.trim();
}
