/** What differs between a training that was killed on the way and one that was not. */
import { isDeepStrictEqual } from 'node:util';
import type { Outcome } from '#learning/training/testing.ts';

export function differencesOf(expected: Outcome, received: Outcome): string[] {
  const differences: string[] = [];
  if (expected.model !== received.model) differences.push('model.safetensors');
  const names = new Set([...Object.keys(expected.tensors), ...Object.keys(received.tensors)]);
  for (const name of names) if (expected.tensors[name] !== received.tensors[name]) differences.push(name);
  for (const key of new Set([...Object.keys(expected.rest), ...Object.keys(received.rest)])) {
    if (!isDeepStrictEqual(expected.rest[key], received.rest[key])) differences.push(key);
  }
  return differences;
}
