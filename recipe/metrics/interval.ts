/** What an interval is, and Wilson's, which finding shortcuts goes by. The exact interval, which figures are shown with, is recipe/statistics/binomial.ts. */
import * as z from 'zod';
import { normalQuantile } from '../statistics/normal.ts';

/** At 95 % where nothing else is said. */
export const Interval = z.object({ low: z.number(), high: z.number() });
export type Interval = z.infer<typeof Interval>;

/** Wilson score interval (Wilson 1927), at 95 % unless said otherwise; the whole of [0, 1] where nothing was tried. */
export function wilsonInterval(successes: number, trials: number, level = 0.95): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const point = normalQuantile((1 + level) / 2);
  const share = successes / trials;
  const centre = share + (point * point) / (2 * trials);
  const spread = point * Math.sqrt((share * (1 - share)) / trials + (point * point) / (4 * trials * trials));
  const scale = 1 + (point * point) / trials;
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) };
}
