/** Of each image the answer that counts: how probable its most probable class is, and whether it is the image's own. */
import { greatest } from './counts.ts';
import type { Predictions } from './metric.ts';

export interface TopPredictions {
  /** Probability of the most probable class, [count]. */
  confidence: Float32Array;
  /** 1 where that class is the image's, else 0, [count]. */
  right: Uint8Array;
}

export function topPredictions({
  probabilities,
  labels,
  classes,
  count,
}: Pick<Predictions, 'probabilities' | 'labels' | 'classes' | 'count'>): TopPredictions {
  const confidence = new Float32Array(count);
  const right = new Uint8Array(count);
  for (let image = 0; image < count; image += 1) {
    const top = greatest(probabilities, classes.length, image * classes.length);
    confidence[image] = probabilities[image * classes.length + top]!;
    right[image] = top === labels[image] ? 1 : 0;
  }
  return { confidence, right };
}
