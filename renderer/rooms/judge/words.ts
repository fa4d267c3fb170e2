/** How the ways of asking about an image are called. Complete by type. */
import type { TestTime } from '#contract/evaluation.ts';

export const testTimeWords: Record<TestTime, string> = {
  once: 'Asked once',
  flip: 'Also with its mirror image',
  'flip-shift': 'Also mirrored and shifted',
};
