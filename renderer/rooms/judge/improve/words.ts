/** What the Improve tab says beside what the contract's words do. */
import type { Improvement, ImprovementAction } from '#contract/improvements.ts';
import type { CurveOf, Estimate } from '#contract/learning-curve.ts';
import { pointsText } from '#recipe/metrics/format.ts';
import { percent } from '../../../format.ts';

export const rangeWords = ({ low, high }: Pick<Estimate, 'low' | 'high'>): string =>
  `${pointsText(low)} to ${pointsText(high)}`;

const effects = { trust: 'An honest figure', unknown: 'Not known', none: 'No gain' };
export const gainWords = ({ gain, effect }: Pick<Improvement, 'gain' | 'effect'>): string =>
  gain ? `${pointsText(gain.value)} points` : effect === 'accuracy' ? '' : effects[effect];

/** What the button says that leads there. */
export function actionWords(action: ImprovementAction): string {
  switch (action.to) {
    case 'findings':
      return action.finding === null ? 'Look for them' : 'Show them';
    case 'learning-curve':
      return 'Learning curve';
    case 'what-if':
      return 'Try it';
    case 'train':
    case 'preset':
      return 'Plan it';
    case 'run':
      return 'Show it';
    case 'calibration':
      return 'Calibration';
    case 'redraw':
      return 'Redraw parts';
    default:
      return action satisfies never;
  }
}

/** Read out in the place of the drawing. */
export function curveWords({ name, points, fit }: CurveOf): string {
  if (!fit) return `${name}: ${points.length} trainings, too few sizes for a curve`;
  return `${name}: ${percent(fit.now.value, 1)} with ${fit.to} images, ${rangeWords(fit.twice)} points more with twice as many`;
}
