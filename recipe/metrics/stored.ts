/**
 * What epochs and evaluations keep of the metrics: flat fields named by their keys, as JSON. A metric that came later is
 * null in what was stored before, and a field that this version does not know is passed over, so a new metric needs no
 * migration.
 */
import * as z from 'zod';
import { classMetrics } from './class-metrics.ts';
import {
  type AnyMetric,
  type EpochMetric,
  epochMetrics,
  metrics,
  type TrainingMetric,
  trainingMetrics,
} from './index.ts';
import { Interval } from './interval.ts';
import type { ClassMetric, Metric } from './metric.ts';

export type TrainKey<M extends EpochMetric = TrainingMetric> = `train${Capitalize<M['key']>}`;
export type ValidationKey<M extends EpochMetric = EpochMetric> = `validation${Capitalize<M['key']>}`;

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
/** The field of an epoch that holds a metric's value on the training images. */
export const trainKey = <M extends TrainingMetric>({ key }: M) => `train${capitalised(key)}` as TrainKey<M>;
/** The field of an epoch that holds a metric's value on the validation images. */
export const validationKey = <M extends EpochMetric>({ key }: M) =>
  `validation${capitalised(key)}` as ValidationKey<M>;

const value = z.number();
const laterValue = z.number().nullable().default(null);
const laterInterval = Interval.nullable().default(null);
const valueAtK = z.object({ k: z.int(), accuracy: z.number() }).nullable().default(null);

type ValueField<M> = M extends { always: true } ? typeof value : typeof laterValue;
type EvaluationField<M> = M extends { atK: true } ? typeof valueAtK : ValueField<M>;
type IntervalField<M> = M extends { always: true } ? typeof Interval : typeof laterInterval;

const valueField = ({ always }: Metric) => (always ? value : laterValue);

/** Fields of an epoch. */
export const epochFields = Object.fromEntries([
  ...trainingMetrics.map((metric) => [trainKey(metric), value]),
  ...epochMetrics.map((metric) => [validationKey(metric), valueField(metric)]),
]) as { [M in TrainingMetric as TrainKey<M>]: typeof value } & {
  [M in EpochMetric as ValidationKey<M>]: ValueField<M>;
};

/** Fields of an evaluation. */
export const evaluationFields = Object.fromEntries(
  metrics.flatMap((metric: Metric) => [
    [metric.key, metric.atK ? valueAtK : valueField(metric)],
    ...(metric.interval ? [[`${metric.key}Interval`, metric.always ? Interval : laterInterval]] : []),
  ]),
) as { [M in AnyMetric as M['key']]: EvaluationField<M> } & {
  [M in Extract<AnyMetric, { interval: unknown }> as `${M['key']}Interval`]: IntervalField<M>;
};

type AnyClassMetric = (typeof classMetrics)[number];

/** Fields of a class in an evaluation; null where it is not defined for it. */
export const classFields = Object.fromEntries(
  classMetrics.flatMap(({ key, interval }: ClassMetric) => [
    [key, laterValue],
    ...(interval ? [[`${key}Interval`, laterInterval]] : []),
  ]),
) as { [M in AnyClassMetric as M['key']]: typeof laterValue } & {
  [M in Extract<AnyClassMetric, { interval: unknown }> as `${M['key']}Interval`]: typeof laterInterval;
};

/** A metric of an epoch on one of its parts. */
export interface EpochColumn {
  metric: EpochMetric;
  part: 'train' | 'validation';
  key: TrainKey | ValidationKey;
}
/** All that an epoch holds of the metrics, the training images first. */
export const epochColumns: readonly EpochColumn[] = [
  ...trainingMetrics.map((metric) => ({ metric, part: 'train' as const, key: trainKey(metric) })),
  ...epochMetrics.map((metric) => ({ metric, part: 'validation' as const, key: validationKey(metric) })),
];

type Values<Fields extends z.ZodRawShape> = z.infer<z.ZodObject<Fields>>;
export type EpochScores = Values<typeof epochFields>;
export type EvaluationScores = Values<typeof evaluationFields>;
export type ClassScores = { support: number } & Values<typeof classFields>;

/** What of an evaluation follows from the predictions alone. */
export interface Scores extends EvaluationScores {
  count: number;
  correct: number;
  classes: ClassScores[];
  /** confusion[actual][predicted], counts. */
  confusion: number[][];
}

/** Value of a metric in an evaluation, and the k that it was computed at; null where it was not computed. */
export function scoreIn(
  scores: EvaluationScores,
  { key }: Pick<AnyMetric, 'key'>,
): { value: number; k: number | null } | null {
  const found = scores[key];
  if (found === null) return null;
  return typeof found === 'number' ? { value: found, k: null } : { value: found.accuracy, k: found.k };
}
