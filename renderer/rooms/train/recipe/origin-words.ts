/** How a run begins with the weights of another, in the words of a person: “Continues Quick 3”. */
import type { Origin } from '#contract/run.ts';

export const originWords: Record<Origin['how'], string> = {
  continue: 'Continues',
  'fine-tune': 'Fine-tunes',
};
