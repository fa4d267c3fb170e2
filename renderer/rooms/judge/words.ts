/** What each kind of test-time augmentation is called. Complete by type. */
import type { Tta } from '#contract/evaluation.ts';

export const ttaWords: Record<Tta, string> = {
  none: 'No test-time augmentation',
  flip: 'TTA: mirror image',
  'flip-shift': 'TTA: mirror image and shifts',
};
