/**
 * `model.safetensors` in a run's folder: the kept weights with all that is needed to use them again.
 * Checkpoints, which can be trained on, are training/checkpoint/checkpoint.ts.
 */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import * as z from 'zod';
import { AtelierError } from '#contract/errors.ts';
import { migrateNormalisation } from '#recipe/migrate.ts';
import { Recipe } from '#recipe/recipe.ts';
import { writeDurably, type WriteFile } from '#learning/files/durable-file.ts';
import type { Weights } from './network.ts';
import { planOf, type Weight } from '#recipe/plan.ts';
import type { Normalisation } from './preprocessing.ts';
import {
  damaged,
  decodeSafetensors,
  encodeSafetensorsInTurns,
  type SafeTensor,
} from '#learning/files/safetensors.ts';

export interface Model {
  recipe: Recipe;
  classCount: number;
  normalisation: Normalisation;
  weights: Weights;
  /** Whose weights these are, from 1. */
  epoch: number;
}

export const modelFormat = 'atelier-model/1';
const fileName = 'model.safetensors';

const Metadata = z.object({
  format: z.literal(modelFormat),
  sha256: z.string(),
  recipe: Recipe,
  classCount: z.int().min(1),
  normalisation: z.preprocess(
    migrateNormalisation,
    z.object({ mean: z.array(z.number()), std: z.array(z.number()) }),
  ),
  epoch: z.int().min(1),
});

/** Weights as safetensors, in the order of the plan and under a prefix. */
export function tensorsOf(
  plan: { weights: readonly Weight[] },
  weights: Weights,
  prefix = '',
): [string, SafeTensor][] {
  return plan.weights.map(({ name, shape }) => [
    prefix + name,
    { dtype: 'F32', shape: [...shape], data: weights.get(name)! },
  ]);
}

/**
 * The plan's weights out of a file's tensors.
 * @throws CHECKPOINT_DAMAGED where one is missing or has another type or shape
 */
export function weightsOf(
  plan: { weights: readonly Weight[] },
  tensors: Map<string, SafeTensor>,
  prefix = '',
): Weights {
  return new Map(
    plan.weights.map(({ name, shape }) => {
      const tensor = tensors.get(prefix + name);
      if (tensor?.dtype !== 'F32' || tensor.shape.join() !== shape.join()) {
        throw damaged(
          `${prefix}${name} as F32 [${shape.join(', ')}]`,
          tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'nothing',
        );
      }
      return [name, tensor.data as Float32Array];
    }),
  );
}

/** Over names, shapes, values and metadata; safetensors has no room for a digest of the file in the file. */
export function digest(tensors: Map<string, SafeTensor>, metadata: Record<string, string>): string {
  const hash = createHash('sha256');
  for (const part of digested(tensors, metadata)) hash.update(part);
  return hash.digest('hex');
}

/** Bytes that are digested before others have a turn: some milliseconds. */
const turnBytes = 4 * 2 ** 20;

/** The same as `digest`. A network of fifty million weights takes seconds, in which a person may cancel. */
export async function digestInTurns(
  tensors: Map<string, SafeTensor>,
  metadata: Record<string, string>,
): Promise<string> {
  const hash = createHash('sha256');
  let since = 0;
  for (const part of digested(tensors, metadata)) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    for (let start = 0; start < bytes.length; start += turnBytes) {
      const piece = bytes.subarray(start, start + turnBytes);
      hash.update(piece);
      since += piece.length;
      if (since < turnBytes) continue;
      since = 0;
      await turnOfEventLoop();
    }
  }
  return hash.digest('hex');
}

/** What a digest is taken of, part by part. */
function* digested(
  tensors: Map<string, SafeTensor>,
  metadata: Record<string, string>,
): Generator<string | Uint8Array> {
  for (const [key, value] of Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (key !== 'sha256') yield JSON.stringify([key, value]);
  }
  for (const [name, { dtype, shape, data }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield JSON.stringify([name, dtype, shape]);
    yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
}

/** What the file says of the weights in it, beside its digest. */
export const modelMetadata = ({
  recipe,
  classCount,
  normalisation,
  epoch,
}: Omit<Model, 'weights'>): Record<string, string> => ({
  format: modelFormat,
  recipe: JSON.stringify(recipe),
  classCount: String(classCount),
  normalisation: JSON.stringify(normalisation),
  epoch: String(epoch),
});

/** Same model, same bytes. @throws DISK_FULL, FILE_NOT_WRITABLE */
export async function saveModel(
  folder: string,
  model: Model,
  write: WriteFile = writeDurably,
): Promise<void> {
  const tensors = new Map(tensorsOf(planOf(model.recipe, model.classCount), model.weights));
  const metadata = modelMetadata(model);
  await write(
    join(folder, fileName),
    await encodeSafetensorsInTurns(tensors, { ...metadata, sha256: await digestInTurns(tensors, metadata) }),
  );
}

/** Of an earlier run in the same folder. */
export const removeModel = (folder: string): Promise<void> => rm(join(folder, fileName), { force: true });

/** @throws NOT_FOUND where the run has kept no weights yet, CHECKPOINT_DAMAGED where the file is not one of ours */
export async function loadModel(folder: string): Promise<Model> {
  const path = join(folder, fileName);
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new AtelierError(
      'NOT_FOUND',
      `Expected the weights of a trained run at ${path}, but could not read them (${cause.code}). Train the run for at least one epoch first.`,
      { path },
      { cause },
    );
  });
  const { tensors, metadata } = decodeSafetensors(bytes);
  const parsed = Metadata.safeParse(parseValues(metadata));
  if (!parsed.success)
    throw damaged(`the metadata of ${modelFormat}`, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  const { sha256, recipe, classCount, normalisation, epoch } = parsed.data;
  const found = digest(tensors, metadata);
  if (found !== sha256) throw damaged(`content with SHA-256 ${sha256}`, found);
  return {
    recipe,
    classCount,
    normalisation,
    epoch,
    weights: weightsOf(planOf(recipe, classCount), tensors),
  };
}

/** Metadata holds texts only; all but the format are JSON. */
export function parseValues(metadata: Record<string, string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, text]) => {
      if (key === 'format' || key === 'sha256') return [key, text];
      try {
        return [key, JSON.parse(text)];
      } catch {
        return [key, undefined];
      }
    }),
  );
}
