/**
 * Parallel coordinates: an axis a parameter and one for the score; a trial is a line through its values. Places are
 * shares of the axis, 0 at its foot. Pure; drawing and brushing are left to Parallel.svelte.
 */
import type { Json } from '#contract/errors.ts';
import { titleOf } from '#recipe/metrics/format.ts';
import { objective } from '#recipe/metrics/index.ts';
import type { SearchParameter } from '#recipe/search-space.ts';
import type { Trial } from '#contract/study.ts';

export interface Axis {
  /** Path of the parameter; "score" for the last axis. */
  id: string;
  label: string;
  ticks: { value: Json; at: number }[];
  /** Where a trial stands; null where it has no value here. */
  place(trial: Trial): number | null;
  /** The value at a place. */
  value(at: number): Json;
  /** How far a key moves an end of a brush; brushes set by keys are no narrower. */
  step: number;
}
/** From and to, shares of the axis. */
export type Brush = readonly [number, number];
export type Brushes = Readonly<Record<string, Brush>>;

const scoreId = 'score';
const evenStep = 0.02;

function axisOf(parameter: SearchParameter, label: string): Axis {
  const { path } = parameter;
  if (parameter.kind === 'choice') {
    const texts = parameter.values.map((value) => JSON.stringify(value));
    const at = (index: number) => (index + 0.5) / texts.length;
    return {
      id: path,
      label,
      ticks: parameter.values.map((value, index) => ({ value: value as Json, at: at(index) })),
      place: ({ values }) => {
        const index = texts.indexOf(JSON.stringify(values[path]));
        return index < 0 ? null : at(index);
      },
      value: (share) =>
        parameter.values[Math.min(texts.length - 1, Math.max(0, Math.floor(share * texts.length)))] as Json,
      step: 1 / texts.length,
    };
  }
  const scale = parameter.logarithmic ? Math.log : (value: number) => value;
  const [low, high] = [scale(parameter.low), scale(parameter.high)];
  const back = (share: number) => {
    const value = low + share * (high - low);
    return parameter.logarithmic ? Math.exp(value) : value;
  };
  const round = (value: number) =>
    parameter.kind === 'integer' ? Math.round(value) : Number(value.toPrecision(2));
  return {
    id: path,
    label,
    ticks: [
      { value: parameter.low, at: 0 },
      { value: round(back(0.5)), at: (scale(round(back(0.5))) - low) / (high - low) },
      { value: parameter.high, at: 1 },
    ],
    place: ({ values }) => {
      const value = values[path];
      if (typeof value !== 'number' || !Number.isFinite(scale(value))) return null;
      return Math.min(1, Math.max(0, (scale(value) - low) / (high - low)));
    },
    value: (share) => round(back(share)),
    step: evenStep,
  };
}

/** Least and greatest score; null before there is one. */
export function scoreRange(trials: readonly Trial[]): [number, number] | null {
  const scores = trials.flatMap(({ score }) => (score === null ? [] : [score]));
  return scores.length === 0 ? null : [Math.min(...scores), Math.max(...scores)];
}

/** 0 for the worst trial, 1 for the best; null without a score. */
export function strengthOf(trial: Trial, range: [number, number] | null): number | null {
  if (trial.score === null || !range) return null;
  return range[1] === range[0] ? 1 : (trial.score - range[0]) / (range[1] - range[0]);
}

export function axesOf(
  space: readonly SearchParameter[],
  trials: readonly Trial[],
  labelOf: (path: string) => string,
): Axis[] {
  const range = scoreRange(trials);
  const score: Axis = {
    id: scoreId,
    label: titleOf(objective),
    ticks: range
      ? [{ value: range[0], at: 0 }, ...(range[1] > range[0] ? [{ value: range[1], at: 1 }] : [])]
      : [],
    place: (trial) =>
      range && range[1] === range[0] ? (trial.score === null ? null : 0) : strengthOf(trial, range),
    value: (share) => (range ? range[0] + share * (range[1] - range[0]) : null),
    step: evenStep,
  };
  return [...space.map((parameter) => axisOf(parameter, labelOf(parameter.path))), score];
}

/** Whether a trial passes through every brush. */
export function passes(trial: Trial, axes: readonly Axis[], brushes: Brushes): boolean {
  return axes.every(({ id, place }) => {
    const brush = brushes[id];
    if (!brush) return true;
    const at = place(trial);
    return at !== null && at >= brush[0] && at <= brush[1];
  });
}

export type End = 'from' | 'to';

/** The brush with one end moved by steps of the axis; null where it keeps everything then. */
export function nudged(brush: Brush | undefined, { step }: Axis, end: End, steps: number): Brush | null {
  const [from, to] = brush ?? [0, 1];
  const moved = (place: number) => Number((place + steps * step).toFixed(4));
  const next: Brush =
    end === 'from'
      ? [Math.max(0, Math.min(moved(from), to - step)), to]
      : [from, Math.min(1, Math.max(moved(to), from + step))];
  return next[0] < 1e-3 && next[1] > 1 - 1e-3 ? null : next;
}

/** The part of an axis between two places; null where a click meant none. */
export function brushOf(a: number, b: number): Brush | null {
  const [from, to] = [Math.max(0, Math.min(a, b)), Math.min(1, Math.max(a, b))];
  return to - from < 0.02 ? null : [from, to];
}

/** The line of a trial as an SVG path, broken where it has no value. `x` and `y` are in pixels of the drawing. */
export function lineOf(
  trial: Trial,
  axes: readonly Axis[],
  x: (index: number) => number,
  y: (share: number) => number,
): string {
  let joined = false;
  return axes
    .map((axis, index) => {
      const at = axis.place(trial);
      if (at === null) {
        joined = false;
        return '';
      }
      const step = `${joined ? 'L' : 'M'}${x(index).toFixed(1)} ${y(at).toFixed(1)}`;
      joined = true;
      return step;
    })
    .join('');
}
