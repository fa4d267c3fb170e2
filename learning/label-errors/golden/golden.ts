/** For tests only: what cleanlab says of given labels and probabilities; made by bench/peers/cleanlab_golden.py. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorFilter } from '../label-errors.ts';
import type { QualityScore } from '../label-quality.ts';

interface Golden {
  cases: {
    classes: number;
    labels: number[];
    probabilities: number[][];
    thresholds: number[];
    joint: number[][];
    distribution: number[][];
    quality: Record<QualityScore, number[]>;
    /** Places, by self-confidence. */
    errors: Record<ErrorFilter, number[]>;
  }[];
}

export const golden = JSON.parse(
  readFileSync(join('learning', 'label-errors', 'golden', 'golden.json'), 'utf8'),
) as Golden;
