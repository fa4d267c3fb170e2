/** Real images for the tests of this room: the small part of Fashion-MNIST in resources/. Not part of the product. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type Recipe, Recipe as RecipeSchema } from '#recipe/recipe.ts';
import { presets } from '#recipe/presets.ts';
import type { Epoch } from '#contract/run.ts';
import { decodeSafetensors } from '#learning/files/safetensors.ts';
import { listCheckpoints } from '#learning/training/checkpoint/checkpoint-files.ts';
import type { TrainingData } from '#learning/training/loop/training-loop.ts';

const read = (name: string, header: number) => {
  const path = fileURLToPath(new URL(`../../resources/fashion-mnist-small/${name}`, import.meta.url));
  return new Uint8Array(gunzipSync(readFileSync(path)).subarray(header));
};

/** The first images: `train` of them to train on, `validation` more to validate on. 28×28×1, ten classes. */
export function sampleData(train: number, validation: number): TrainingData & { pixels: Uint8Array } {
  const count = train + validation;
  const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  return {
    pixels: read('train-images-idx3-ubyte.gz', 16).slice(0, count * 784),
    labels: Int32Array.from(read('train-labels-idx1-ubyte.gz', 8).subarray(0, count)),
    train: range(0, train),
    validation: range(train, count),
    classCount: 10,
  };
}

/** A recipe of a few hundred parameters; parts of it can be replaced. */
export function smallRecipe(
  change: { training?: Partial<Recipe['training']>; model?: unknown; augmentation?: unknown } = {},
): Recipe {
  return RecipeSchema.parse({
    format: 'atelier-recipe/2',
    name: 'Small',
    preprocessing: { ...presets.quick.recipe.preprocessing, fit: 'stretch' },
    augmentation: change.augmentation ?? [{ kind: 'horizontal-flip', probability: 0.5 }],
    model: change.model ?? {
      layers: [
        { kind: 'conv', filters: 6, stride: 2 },
        { kind: 'max-pool' },
        { kind: 'conv', filters: 8 },
        { kind: 'dropout', rate: 0.1 },
      ],
    },
    training: {
      optimizer: { kind: 'adam' },
      learningRate: 0.02,
      schedule: { kind: 'cosine', warmUp: 0.1 },
      batchSize: 32,
      epochs: 2,
      weightDecay: 1e-3,
      labelSmoothing: 0.05,
      ...change.training,
    },
  });
}

/** A recipe whose loss is not finite soon: past a rate of 1 each step overshoots and doubles; the first epoch (8 steps) still survives. */
export const overshooting = (): Recipe =>
  smallRecipe({
    augmentation: [],
    model: { layers: [{ kind: 'conv', filters: 4, batchNorm: false, activation: 'linear' }] },
    training: {
      optimizer: { kind: 'sgd', momentum: 0, nesterov: false },
      schedule: { kind: 'one-cycle', peakAt: 0.5 },
      learningRate: 100,
      epochs: 8,
      weightDecay: 0,
    },
  });

/** Counts the turns of the event loop until its end, for work that must leave some to others. */
export function countTurns(): { end(): number } {
  let turns = 0;
  let open = true;
  const count = () => {
    turns += 1;
    if (open) setImmediate(count);
  };
  setImmediate(count);
  return {
    end() {
      open = false;
      return turns;
    },
  };
}

/** What must be equal, bit for bit, between a run that was interrupted and one that was not: all but times. */
export interface Outcome {
  /** SHA-256 of `model.safetensors`. */
  model: string;
  /** Of the newest checkpoint: tensors by name as SHA-256, and the rest but for times. */
  tensors: Record<string, string>;
  rest: Record<string, unknown>;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Of a run's folder. Reads files by themselves, not by the code under test but for safetensors. */
export async function outcomeOf(folder: string): Promise<Outcome> {
  const [newest] = await listCheckpoints(folder);
  const { tensors, metadata } = decodeSafetensors(readFileSync(join(folder, newest!.name)));
  const { epochs, ...rest } = metadata;
  // Times, and a digest that holds them.
  delete rest['elapsed'];
  delete rest['sha256'];
  const timeless = (JSON.parse(epochs!) as Epoch[]).map((epoch) => ({
    ...epoch,
    seconds: 0,
    imagesPerSecond: 0,
  }));
  return {
    model: sha256(readFileSync(join(folder, 'model.safetensors'))),
    tensors: Object.fromEntries(
      [...tensors].map(([name, { data }]) => [
        name,
        sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
      ]),
    ),
    rest: { file: newest!.name, ...rest, epochs: timeless },
  };
}
