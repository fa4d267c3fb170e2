/** How sure a share is. */
import * as z from 'zod';

/** At 95 %. */
export const Interval = z.object({ low: z.number(), high: z.number() });
export type Interval = z.infer<typeof Interval>;

/** 97.5 % point of the standard normal. */
const point = 1.959963984540054;

/** Wilson score interval at 95 % (Wilson 1927); the whole of [0, 1] where nothing was tried. */
export function wilsonInterval(successes: number, trials: number): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const share = successes / trials;
  const centre = share + (point * point) / (2 * trials);
  const spread = point * Math.sqrt((share * (1 - share)) / trials + (point * point) / (4 * trials * trials));
  const scale = 1 + (point * point) / trials;
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) };
}
