/** Runs as lines: what of an epoch is drawn under which name, and how one run looks beside others. Pure. */
import type { Epoch, Run } from '#contract/run.ts';
import { type Line, markers, type Point } from '../plot/points.ts';
import type { StepPoint } from '../../../state/runs.svelte.ts';

export interface Metric {
  title: string;
  /** The curve of the training images; none for what is measured on the validation images alone. */
  training: ((epoch: Epoch) => number | null) | null;
  validation: ((epoch: Epoch) => number | null) | null;
  step: ((point: StepPoint) => number) | null;
  /** Values are shares of 1. */
  share: boolean;
}

export const metrics = {
  loss: {
    title: 'Loss',
    training: (epoch) => epoch.trainLoss,
    validation: (epoch) => epoch.validationLoss,
    step: ({ loss }) => loss,
    share: false,
  },
  accuracy: {
    title: 'Accuracy',
    training: (epoch) => epoch.trainAccuracy,
    validation: (epoch) => epoch.validationAccuracy,
    step: ({ accuracy }) => accuracy,
    share: true,
  },
  topK: {
    title: 'Top-k accuracy',
    training: null,
    validation: (epoch) => epoch.validationTopK,
    step: null,
    share: true,
  },
  macroF1: {
    title: 'Macro F1',
    training: null,
    validation: (epoch) => epoch.validationMacroF1,
    step: null,
    share: true,
  },
  learningRate: {
    title: 'Learning rate',
    training: (epoch) => epoch.learningRate,
    validation: null,
    step: null,
    share: false,
  },
} satisfies Record<string, Metric>;
export type MetricName = keyof typeof metrics;

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
function stepsOf(run: Run, metric: Metric, live: readonly StepPoint[]): Point[] {
  const { step } = metric;
  if (!step || live.length === 0) return [];
  const earlier = pointsOf(run, metric.training).filter(({ x }) => x < live[0]!.x);
  return [...earlier, ...live.map((point) => ({ x: point.x, y: step(point) }))];
}

/** The lines of one run: its single steps, training and validation. */
export function linesOfRun(run: Run, name: MetricName, live: readonly StepPoint[]): Line[] {
  const metric: Metric = metrics[name];
  const lines: Line[] = [
    {
      id: 'steps',
      label: 'Training, last steps',
      look: 'thin',
      points: stepsOf(run, metric, live),
      colour: '--line-strong',
      marker: 'circle',
    },
    {
      id: 'training',
      label: metric.validation ? 'Training' : metric.title,
      look: 'dashed',
      points: pointsOf(run, metric.training),
      colour: '--ink-3',
      marker: 'circle',
    },
    {
      id: 'validation',
      label: 'Validation',
      look: 'solid',
      points: pointsOf(run, metric.validation),
      colour: '--accent',
      marker: 'circle',
    },
  ];
  return lines.filter(
    ({ id, points }) =>
      points.length > 0 ||
      (id === 'validation' && metric.validation) ||
      (id === 'training' && metric.training),
  );
}

/** The lines of several runs: validation solid, training dashed, a colour, marker and tag a run. */
export function linesOfRuns(runs: readonly Run[], name: MetricName): Line[] {
  const metric: Metric = metrics[name];
  return runs.flatMap((run, index) => {
    const look = { colour: colourOf(index), marker: markers[index % markers.length]!, tag: tagOf(index) };
    const main = metric.validation ?? metric.training;
    const lines: Line[] = [
      {
        id: run.id,
        label: `${look.tag} ${run.name}`,
        look: 'solid',
        points: pointsOf(run, main),
        ...look,
      },
    ];
    if (metric.validation && metric.training)
      lines.push({
        id: `${run.id}/training`,
        label: `${look.tag} ${run.name}, training`,
        look: 'dashed',
        points: pointsOf(run, metric.training),
        ...look,
      });
    return lines;
  });
}
