/** Checkpoints on disk: round trip, the last two kept, damage passed over and told, foreign ones refused. */
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AtelierError } from '#contract/errors.ts';
import { epochOf } from '#contract/testing.ts';
import type { Weights } from '#learning/model/network.ts';
import { planNetwork } from '#recipe/plan.ts';
import { digest } from '#learning/model/model-file.ts';
import { decodeSafetensors, encodeSafetensors } from '#learning/files/safetensors.ts';
import {
  type Checkpoint,
  clearCheckpoints,
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from './checkpoint.ts';
import { countTurns, smallRecipe } from '#learning/training/testing.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-checkpoint-'));
});
afterEach(() => rm(folder, { recursive: true }));

const plan = planNetwork(smallRecipe().model, [28, 28, 1], 10);
const trained = plan.weights.filter(({ trainable }) => trainable);
const layout = { weights: plan.weights, trained };
const weights = (value: number, of = plan.weights): Weights =>
  new Map(
    of.map(({ name, shape }) => [
      name,
      new Float32Array(shape.reduce((total, side) => total * side, 1)).fill(value),
    ]),
  );
const epoch = (number: number) =>
  epochOf(number, { trainLoss: 1 / 3, validationLoss: Math.PI, validationTopK: 0.9, seconds: 2 });
/** Eight steps an epoch. */
const checkpoint = (stepsDone: number): Checkpoint => ({
  identity: 'abc',
  engine: { kind: 'tensorflow', version: '2.18.0', device: 'a processor', threads: 2 },
  stepsDone,
  stepsBefore: 24,
  totals: { loss: Math.fround(4.7), correct: 31, steps: stepsDone % 8, firstNotFinite: 0 },
  elapsed: { training: 0.125, validation: 0, lastValidation: 1 / 3, measuredSteps: 3, measuredSeconds: 0.1 },
  epochs: Array.from({ length: Math.floor(stepsDone / 8) }, (_, index) => epoch(index + 1)),
  bestEpoch: stepsDone < 8 ? 0 : 1,
  weights: weights(stepsDone),
  average: weights(stepsDone + 0.25),
  optimizerState: new Map([['velocity', weights(stepsDone + 0.5, trained)]]),
  best: stepsDone < 8 ? null : weights(1),
});
const neverRejected = (file: string) => expect.unreachable(`${file} was rejected`);
const path = (number: number) => join(folder, `checkpoint-${number}.safetensors`);

test('what was saved is loaded, within an epoch and at its end; the last two are kept', async () => {
  for (const step of [3, 8, 11]) {
    await saveCheckpoint(folder, layout, checkpoint(step));
    expect(await loadCheckpoint(folder, layout, 'abc', neverRejected)).toEqual(checkpoint(step));
  }
  expect((await readdir(folder)).sort()).toEqual(['checkpoint-11.safetensors', 'checkpoint-8.safetensors']);
});

test('going on from the one before a damaged one, the damaged one is not kept in place of a whole one', async () => {
  for (const step of [8, 16]) await saveCheckpoint(folder, layout, checkpoint(step));
  await writeFile(path(16), 'damaged');
  await saveCheckpoint(folder, layout, checkpoint(12));
  expect((await readdir(folder)).sort()).toEqual(['checkpoint-12.safetensors', 'checkpoint-8.safetensors']);
});

test('a damaged one is not kept in place of the whole one before it, however far the next save is', async () => {
  for (const step of [8, 16]) await saveCheckpoint(folder, layout, checkpoint(step));
  await writeFile(path(16), 'damaged');
  expect(await loadCheckpoint(folder, layout, 'abc', () => undefined)).toEqual(checkpoint(8));
  await saveCheckpoint(folder, layout, checkpoint(24));
  expect((await readdir(folder)).sort()).toEqual(['checkpoint-24.safetensors', 'checkpoint-8.safetensors']);
});

test('damaged ones stay where no whole one is found', async () => {
  await saveCheckpoint(folder, layout, checkpoint(8));
  await writeFile(path(8), 'damaged');
  expect(await loadCheckpoint(folder, layout, 'abc', () => undefined)).toBeNull();
  expect(await readdir(folder)).toEqual(['checkpoint-8.safetensors']);
});

test('what a killed save left unfinished is removed when the run goes on', async () => {
  await saveCheckpoint(folder, layout, checkpoint(8));
  await writeFile(`${path(16)}.tmp`, 'half');
  await writeFile(join(folder, 'model.safetensors.tmp'), 'half');
  expect(await loadCheckpoint(folder, layout, 'abc', neverRejected)).toEqual(checkpoint(8));
  expect(await readdir(folder)).toEqual(['checkpoint-8.safetensors']);
});

test('one of an earlier format is passed over and told', async () => {
  const tensors = new Map([['weights/a', { dtype: 'F32' as const, shape: [1], data: new Float32Array(1) }]]);
  await writeFile(path(16), encodeSafetensors(tensors, { format: 'atelier-checkpoint/1' }));
  const told: string[] = [];
  expect(await loadCheckpoint(folder, layout, 'abc', (_, reason) => told.push(reason))).toBeNull();
  expect(told).toEqual([expect.stringContaining('expected the metadata of atelier-checkpoint/2')]);
});

test('encoding a large network lets others have their turn', async () => {
  // Ten times four million weights: 160 MB, of which a turn digests 4 MB.
  const large = Array.from({ length: 10 }, (_, index) => ({
    name: `${index}/kernel`,
    shape: [4_000_000],
    role: 'kernel' as const,
    trainable: true,
  }));
  const turns = countTurns();
  const whole = {
    ...checkpoint(8),
    weights: weights(1, large),
    average: null,
    optimizerState: new Map(),
    best: null,
  };
  await encodeCheckpoint({ weights: large, trained: [] }, { ...whole, bestEpoch: 0 });
  expect(turns.end()).toBeGreaterThan(30);
});

test('an empty folder has none', async () => {
  expect(await loadCheckpoint(folder, layout, 'abc', neverRejected)).toBeNull();
});

test('a damaged one is passed over for the one before, and told', async () => {
  await saveCheckpoint(folder, layout, checkpoint(8));
  await saveCheckpoint(folder, layout, checkpoint(16));
  await truncate(path(16), (await readFile(path(16))).length - 100);
  const told: string[] = [];
  const loaded = await loadCheckpoint(folder, layout, 'abc', (file, reason) =>
    told.push(`${file}: ${reason}`),
  );
  expect(loaded).toEqual(checkpoint(8));
  expect(told).toEqual([expect.stringMatching(/^checkpoint-16.safetensors: The weights file is damaged/)]);
});

test('a checkpoint of another recipe or other data is refused', async () => {
  await saveCheckpoint(folder, layout, checkpoint(8));
  await expect(loadCheckpoint(folder, layout, 'other', neverRejected)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('Start a new run'),
  });
});

test('that of another network is a conflict, not damage', async () => {
  await saveCheckpoint(folder, layout, checkpoint(8));
  const wider = planNetwork({ ...smallRecipe().model, layers: [{ kind: 'flatten' }] }, [28, 28, 1], 10);
  const other = { weights: wider.weights, trained: wider.weights };
  await expect(loadCheckpoint(folder, other, 'other', neverRejected)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('the recipe and the data that the run began with'),
  });
});

test('a new run clears what an earlier one left, and nothing else', async () => {
  await saveCheckpoint(folder, layout, checkpoint(8));
  await writeFile(`${path(16)}.tmp`, 'half');
  await writeFile(join(folder, 'pack.bin'), 'mine');
  await clearCheckpoints(folder);
  expect(await readdir(folder)).toEqual(['pack.bin']);
});

test('any flipped bit and any cut is found', async () => {
  const bytes = await encodeCheckpoint(layout, checkpoint(16));
  const whole = decodeCheckpoint(layout, bytes, 'abc');
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 7 }), fc.boolean(), (at, bit, cut) => {
      const damaged = cut ? bytes.slice(0, at) : bytes.slice();
      if (!cut) damaged[at]! ^= 1 << bit;
      try {
        // A bit of white space in the header may differ; what is read may not.
        expect(decodeCheckpoint(layout, damaged, 'abc')).toEqual(whole);
      } catch (error) {
        expect((error as AtelierError).code).toBe('CHECKPOINT_DAMAGED');
      }
    }),
    { numRuns: 300 },
  );
});

test('one from before its engine was kept is as good', async () => {
  await saveCheckpoint(folder, layout, checkpoint(8));
  const { tensors, metadata } = decodeSafetensors(await readFile(path(8)));
  const before = { ...metadata };
  delete before['engine'];
  delete before['sha256'];
  await writeFile(path(8), encodeSafetensors(tensors, { ...before, sha256: digest(tensors, before) }));
  expect(await loadCheckpoint(folder, layout, 'abc', neverRejected)).toEqual({
    ...checkpoint(8),
    engine: null,
  });
});
