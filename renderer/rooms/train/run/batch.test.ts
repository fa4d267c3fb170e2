import { expect, it } from 'vitest';
import type { ErrorCode, WireError } from '#contract/errors.ts';
import { recipeOf, runOf } from '../../../state/testing.ts';
import { smallerBatch } from './batch.ts';

const run = (batchSize: number, code: ErrorCode, details: WireError['details'] = {}) =>
  runOf('r1', { error: { code, message: '', details }, recipe: recipeOf('Quick', { batchSize }) });

it('offers the batch size that the error suggests, else half, and nothing where nothing is left', () => {
  expect(smallerBatch(run(256, 'OUT_OF_MEMORY', { suggestedBatchSize: 96 }))).toBe(96);
  expect(smallerBatch(run(256, 'OUT_OF_MEMORY'))).toBe(128);
  expect(smallerBatch(run(256, 'OUT_OF_MEMORY', { suggestedBatchSize: null }))).toBeNull();
  expect(smallerBatch(run(1, 'OUT_OF_MEMORY'))).toBeNull();
  expect(smallerBatch(run(256, 'WORKER_DIED', { suggestedBatchSize: 96 }))).toBeNull();
  expect(smallerBatch(runOf('r1'))).toBeNull();
});
