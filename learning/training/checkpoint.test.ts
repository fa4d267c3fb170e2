/** Checkpoints on disk: round trip, the last two kept, damage passed over and told, foreign ones refused. */
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Epoch } from '#contract/entities.ts';
import type { AtelierError } from '#contract/errors.ts';
import type { Weights } from '#learning/model/network.ts';
import { planNetwork } from '#learning/model/plan.ts';
import {
  type Checkpoint,
  clearCheckpoints,
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from './checkpoint.ts';
import { smallRecipe } from './testing.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const plan = planNetwork(smallRecipe().model, [28, 28, 1], 10);
const weights = (value: number, trainableOnly = false): Weights =>
  new Map(
    plan.weights
      .filter(({ trainable }) => trainable || !trainableOnly)
      .map(({ name, shape }) => [
        name,
        new Float32Array(shape.reduce((total, side) => total * side, 1)).fill(value),
      ]),
  );
const epoch = (number: number): Epoch => ({
  epoch: number,
  trainLoss: 1 / 3,
  trainAccuracy: 0.5,
  validationLoss: Math.PI,
  validationAccuracy: 0.7,
  learningRate: 0.1,
  imagesPerSecond: 1000,
  seconds: 2,
});
const checkpoint = (epochs: number): Checkpoint => ({
  identity: 'abc',
  epochs: Array.from({ length: epochs }, (_, index) => epoch(index + 1)),
  bestEpoch: 1,
  weights: weights(epochs),
  average: weights(epochs + 0.25),
  slots: new Map([['velocity', weights(epochs + 0.5, true)]]),
  best: weights(1),
});
const neverRejected = (file: string) => expect.unreachable(`${file} was rejected`);
const path = (number: number) => join(folder, `checkpoint-${number}.safetensors`);

test('what was saved is loaded; the last two are kept', async () => {
  for (const epochs of [1, 2, 3]) await saveCheckpoint(folder, plan, checkpoint(epochs));
  expect((await readdir(folder)).sort()).toEqual(['checkpoint-2.safetensors', 'checkpoint-3.safetensors']);
  expect(await loadCheckpoint(folder, plan, 'abc', neverRejected)).toEqual(checkpoint(3));
});

test('an empty folder has none', async () => {
  expect(await loadCheckpoint(folder, plan, 'abc', neverRejected)).toBeNull();
});

test('a damaged one is passed over for the one before, and told', async () => {
  await saveCheckpoint(folder, plan, checkpoint(1));
  await saveCheckpoint(folder, plan, checkpoint(2));
  await truncate(path(2), (await readFile(path(2))).length - 100);
  const told: string[] = [];
  const loaded = await loadCheckpoint(folder, plan, 'abc', (file, reason) => told.push(`${file}: ${reason}`));
  expect(loaded).toEqual(checkpoint(1));
  expect(told).toEqual([expect.stringMatching(/^checkpoint-2.safetensors: The weights file is damaged/)]);
});

test('a checkpoint of another recipe or other data is refused', async () => {
  await saveCheckpoint(folder, plan, checkpoint(1));
  await expect(loadCheckpoint(folder, plan, 'other', neverRejected)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('Start a new run'),
  });
});

test('a new run clears what an earlier one left, and nothing else', async () => {
  await saveCheckpoint(folder, plan, checkpoint(1));
  await writeFile(`${path(2)}.tmp`, 'half');
  await writeFile(join(folder, 'pack.bin'), 'mine');
  await clearCheckpoints(folder);
  expect(await readdir(folder)).toEqual(['pack.bin']);
});

test('any flipped bit and any cut is found', () => {
  const bytes = encodeCheckpoint(plan, checkpoint(2));
  const whole = decodeCheckpoint(plan, bytes);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 7 }), fc.boolean(), (at, bit, cut) => {
      const damaged = cut ? bytes.slice(0, at) : bytes.slice();
      if (!cut) damaged[at]! ^= 1 << bit;
      try {
        // A bit of white space in the header may differ; what is read may not.
        expect(decodeCheckpoint(plan, damaged)).toEqual(whole);
      } catch (error) {
        expect((error as AtelierError).code).toBe('CHECKPOINT_DAMAGED');
      }
    }),
    { numRuns: 300 },
  );
});
