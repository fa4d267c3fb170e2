/** Runs as lines: what of an epoch is drawn under which name, and how one run looks beside others. Pure. */
import type { Epoch, Run } from '#contract/run.ts';
import { titleOf } from '#recipe/metrics/format.ts';
import { type EpochMetric, epochMetrics } from '#recipe/metrics/index.ts';
import { trainKey, validationKey } from '#recipe/metrics/stored.ts';
import { type Line, markers, type Point } from '../../../parts/plot/points.ts';
import type { StepPoint } from '../../../state/runs.svelte.ts';

/** What is drawn over the epochs. */
export interface Curve {
  /** With the k of top-k, where it is known. */
  title: (k?: number) => string;
  /** The curve of the training images; none for what is measured on the validation images alone. */
  training: ((epoch: Epoch) => number | null) | null;
  validation: ((epoch: Epoch) => number | null) | null;
  step: ((point: StepPoint) => number) | null;
  /** Values are shares of 1. */
  share: boolean;
}

export type CurveName = EpochMetric['key'] | 'learningRate';

const curveOf = (metric: EpochMetric): Curve => ({
  title: (k) => titleOf(metric, k),
  training: 'training' in metric ? (epoch) => epoch[trainKey(metric)] : null,
  validation: (epoch) => epoch[validationKey(metric)],
  step: 'training' in metric ? (point) => point[metric.key] : null,
  share: metric.format === 'percent',
});

export const curves = {
  ...Object.fromEntries(epochMetrics.map((metric) => [metric.key, curveOf(metric)])),
  learningRate: {
    title: () => 'Learning rate',
    training: (epoch) => epoch.learningRate,
    validation: null,
    step: null,
    share: false,
  },
} as Record<CurveName, Curve>;
export const curveNames = Object.keys(curves) as CurveName[];

export const tagOf = (index: number): string => String.fromCharCode(65 + index);
export const colourOf = (index: number): string => `--run-${index + 1}`;

function pointsOf(run: Run, value: ((epoch: Epoch) => number | null) | null): Point[] {
  if (!value) return [];
  return run.epochs.flatMap((epoch) => {
    const y = value(epoch);
    // Runs of before it was counted have none.
    return y === null || y === undefined ? [] : [{ x: epoch.epoch, y }];
  });
}

/** Live steps, and before the first of them (the window was opened later) the epochs that are on the disk. */
function stepsOf(run: Run, curve: Curve, live: readonly StepPoint[]): Point[] {
  const { step } = curve;
  if (!step || live.length === 0) return [];
  const earlier = pointsOf(run, curve.training).filter(({ x }) => x < live[0]!.x);
  return [...earlier, ...live.map((point) => ({ x: point.x, y: step(point) }))];
}

/** The lines of one run: its single steps, training and validation. */
export function linesOfRun(run: Run, name: CurveName, live: readonly StepPoint[]): Line[] {
  const curve = curves[name];
  const lines: Line[] = [
    {
      id: 'steps',
      label: 'Training, last steps',
      look: 'thin',
      points: stepsOf(run, curve, live),
      colour: '--line-strong',
      marker: 'circle',
    },
    {
      id: 'training',
      label: curve.validation ? 'Training' : curve.title(),
      look: 'dashed',
      points: pointsOf(run, curve.training),
      colour: '--ink-3',
      marker: 'circle',
    },
    {
      id: 'validation',
      label: 'Validation',
      look: 'solid',
      points: pointsOf(run, curve.validation),
      colour: '--accent',
      marker: 'circle',
    },
  ];
  return lines.filter(
    ({ id, points }) =>
      points.length > 0 || (id === 'validation' && curve.validation) || (id === 'training' && curve.training),
  );
}

/** The lines of several runs: validation solid, training dashed, a colour, marker and tag a run. */
export function linesOfRuns(runs: readonly Run[], name: CurveName): Line[] {
  const curve = curves[name];
  return runs.flatMap((run, index) => {
    const look = { colour: colourOf(index), marker: markers[index % markers.length]!, tag: tagOf(index) };
    const main = curve.validation ?? curve.training;
    const lines: Line[] = [
      {
        id: run.id,
        label: `${look.tag} ${run.name}`,
        look: 'solid',
        points: pointsOf(run, main),
        ...look,
      },
    ];
    if (curve.validation && curve.training)
      lines.push({
        id: `${run.id}/training`,
        label: `${look.tag} ${run.name}, training`,
        look: 'dashed',
        points: pointsOf(run, curve.training),
        ...look,
      });
    return lines;
  });
}
