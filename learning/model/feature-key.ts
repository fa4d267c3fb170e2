/** What features of an image depend on beside its pixels, as one digest: two networks with the same share what is kept. Pure. */
import { createHash } from 'node:crypto';
import type { Weights } from './network.ts';
import type { Plan } from './operation.ts';
import type { Normalisation } from './preprocessing.ts';

/**
 * Digest of the first `count` operations, their weights and the normalisation.
 * @param weights at least those of these operations
 */
export function featureKey(
  { operations, weights: planned }: Plan,
  normalisation: Normalisation,
  count: number,
  weights: Weights,
): string {
  const first = operations.slice(0, count);
  const names = new Set(first.flatMap((operation) => operation.weights.map(({ name }) => name)));
  const hash = createHash('sha256').update(JSON.stringify([first, normalisation]));
  for (const { name } of planned) {
    if (!names.has(name)) continue;
    const { buffer, byteOffset, byteLength } = weights.get(name)!;
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
