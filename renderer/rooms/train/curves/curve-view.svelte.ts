import type { CurveName } from './lines.ts';

/** How curves are looked at: the same for all runs, and kept while rooms are changed. */
export class CurveView {
  /** Weight of the past in the moving average; 0 shows the values as they are. */
  smoothing = $state(0);
  logarithmic = $state(false);
  /** What the second chart shows. */
  chosen: CurveName = $state('accuracy');
}
