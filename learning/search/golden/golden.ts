/** For tests only: what Optuna, SciPy and scikit-learn say of given trials; made by make-golden.py. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SearchSpace } from '#recipe/search-space.ts';
import type { Values } from '../space.ts';

interface Golden {
  space: SearchSpace;
  densities: {
    paths: string[];
    trials: { values: Values; score: number }[];
    underWay: Values[];
    points: Values[];
    good: number[];
    others: number[];
  }[];
  importances: {
    trials: { values: Values; score: number }[];
    quantile: number;
    divergences: Record<string, number>;
  }[];
  promotions: { reduction: number; scores: number[]; promotable: number[] }[];
  folds: { labels: number[]; groups: number[]; folds: number; unevenness: number }[];
  student: { probability: number; freedom: number; quantile: number }[];
  normal: { from: number; to: number; logMass: number }[];
}

export const golden = JSON.parse(
  readFileSync(join('learning', 'search', 'golden', 'golden.json'), 'utf8'),
) as Golden;
