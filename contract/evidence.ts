/**
 * How sure the figures of an evaluation are, and whether its probabilities can be trusted: what is computed of the predictions that are there,
 * without the network. The arithmetic is learning/statistics/evidence.ts.
 */
import * as z from 'zod';
import { Interval } from '#recipe/metrics/interval.ts';
import { ClassId, RunId } from './ids.ts';
import { Split } from './project.ts';

/** exact: Clopper and Pearson, of shares. bootstrap: BCa, the images drawn again. */
export const intervalMethods = ['exact', 'bootstrap'] as const;

export const MetricEvidence = z.object({
  /** Of recipe/metrics. */
  key: z.string(),
  value: z.number(),
  /** At 95 %; null where it cannot be told, as where all are right. */
  interval: Interval.nullable(),
  method: z.enum(intervalMethods),
});
export type MetricEvidence = z.infer<typeof MetricEvidence>;

const CurvePoint = z.object({ x: z.number(), y: z.number(), threshold: z.number().nullable() });
const Curve = z.object({ points: z.array(CurvePoint), area: z.number() });
export type EvidenceCurve = z.infer<typeof Curve>;

export const ReliabilityBins = z.array(
  z.object({
    low: z.number(),
    high: z.number(),
    images: z.int(),
    right: z.int(),
    confidence: z.number().nullable(),
    accuracy: z.number().nullable(),
    /** Of the accuracy; exact. */
    interval: Interval.nullable(),
  }),
);
export type ReliabilityBins = z.infer<typeof ReliabilityBins>;

/** Probabilities as they are, or at a temperature: how far they are from the shares that are right. */
export const Calibration = z.object({
  bins: ReliabilityBins,
  /** Expected calibration error. */
  error: z.number(),
  interval: Interval.nullable(),
  /** Mean cross-entropy in nats, and Brier score. */
  loss: z.number(),
  brier: z.number(),
});
export type Calibration = z.infer<typeof Calibration>;

/** What is answered where the top probability is the threshold or more. */
export const Selection = z.object({
  threshold: z.number(),
  answered: z.int(),
  wrong: z.int(),
  coverage: z.number(),
  error: z.number(),
  interval: Interval,
});
export type Selection = z.infer<typeof Selection>;

export const Evidence = z.object({
  runId: RunId,
  split: Split,
  /** Of the evaluation that it is of. */
  evaluatedAt: z.string(),
  count: z.int(),
  /** Samples drawn for each bootstrap interval. */
  draws: z.int(),
  metrics: z.array(MetricEvidence),
  classes: z.array(
    z.object({
      classId: ClassId,
      name: z.string(),
      roc: Curve.nullable(),
      precisionRecall: Curve.nullable(),
    }),
  ),
  calibration: Calibration.nullable(),
  /** Fitted on the validation images; null where there are none, or they cannot tell one. */
  temperature: z
    .object({
      temperature: z.number(),
      /** Validation images that it was fitted on. */
      images: z.int(),
      calibration: Calibration,
    })
    .nullable(),
  /** At the temperature, where there is one: errors against the share of images answered. */
  coverage: z.object({
    /** Falling thresholds. */
    points: z.array(Selection.pick({ threshold: true, coverage: true, error: true })),
    /** Area under the curve. */
    area: z.number().nullable(),
    /** Nine tenths of the images answered. */
    most: Selection.nullable(),
    /** Everything answered. */
    all: Selection.nullable(),
  }),
});
export type Evidence = z.infer<typeof Evidence>;
