/** For tests only: what SciPy and scikit-learn say of made data; written by bench/peers/findings.py. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Golden {
  /** 8 × 8 coefficients of made(1024, 7), and (0, 8). */
  sketch: number[];
  /** Of made(101, 3). */
  median: number;
  deviation: number;
  /** Of made(1024, 7). */
  contrast: number;
  sharpness: number;
  entropy: number;
  binomial: { successes: number; trials: number; p: number }[];
  tree: number[];
  neighbours: number[];
}

export const golden = JSON.parse(
  readFileSync(join('learning', 'findings', 'golden', 'golden.json'), 'utf8'),
) as Golden;

/** Whole numbers from 0 to 255 that look random: the same as in findings.py. */
export function made(count: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (state >> 8) & 255;
  });
}
