/** A learning curve as lines of a plot: the law, its interval, and each training a point. Pure. */
import type { CurveOf } from '#contract/learning-curve.ts';
import { pointsText } from '#recipe/metrics/format.ts';
import { percent } from '../../format.ts';
import type { Line } from './points.ts';

export function curveLines({ points, fit }: CurveOf): Line[] {
  const line = (id: string, label: string, of: 'value' | 'low' | 'high', look: Line['look']): Line => ({
    ...{ id, label, look },
    colour: '--accent',
    points: fit?.line.map((one) => ({ x: one.images, y: Math.min(1, Math.max(0, one[of])) })) ?? [],
  });
  return [
    ...(fit
      ? [
          line('law', 'power law', 'value', 'solid'),
          line('low', '95 % interval', 'low', 'dashed'),
          line('high', '95 % interval', 'high', 'dashed'),
        ]
      : []),
    ...points
      .filter(({ images, tested }) => images > 0 && tested > 0)
      .map(({ images, tested, correct }, at): Line => ({
        ...{ id: `training-${at}`, label: 'trainings', look: 'dashed', colour: '--ink-3', marker: 'circle' },
        points: [{ x: images, y: correct / tested }],
      })),
  ];
}

/** Read out in the place of the drawing. */
export function curveWords({ name, points, fit }: CurveOf): string {
  if (!fit) return `${name}: ${points.length} trainings, too few sizes for a curve`;
  return `${name}: ${percent(fit.now.value, 1)} with ${fit.to} images, ${pointsText(fit.twice.low)} to ${pointsText(fit.twice.high)} points more with twice as many`;
}
