/** What the Improve tab says beside what the contract's words do. */
import type { Improvement, ImprovementAction } from '#contract/improvements.ts';
import type { Estimate } from '#contract/learning-curve.ts';
import { pointsText } from '#recipe/metrics/format.ts';

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
