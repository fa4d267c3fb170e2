/**
 * What a run's classifier looks at of images of its project, kept in the project's features, so that it is computed once: what nearest images and
 * clusters go by. Records are those of embeddings by the run.
 */
import { AtelierError } from '#contract/errors.ts';
import { featureKey } from '#learning/model/feature-key.ts';
import { featureOperations } from '#recipe/plan.ts';
import { openFeatureFile } from '../images/features/feature-store.ts';
import { loadPack } from '../images/packs/pack.ts';
import { originalsUpTo } from '../images/storage/originals.ts';
import type { OpenModel } from './model.ts';
import type { StepDone } from './step-done.ts';

/** Rows that are looked for, and computed, in one go: their features are held in memory meanwhile. */
const bytesAtOnce = 2 ** 25;
export const rowsAtOnce = (size: number): number =>
  Math.max(16, Math.min(2048, Math.floor(bytesAtOnce / (4 * size))));

export interface FeatureRows {
  project: string;
  lastItemId: number;
  rows: Int32Array;
}

/** @throws what `loadPack` throws where images must be read, CANCELLED; what was computed is kept */
export async function keepClassifierFeatures(
  model: OpenModel,
  { project, lastItemId, rows }: FeatureRows,
  { emit, signal }: { emit(event: StepDone): void; signal: AbortSignal },
): Promise<void> {
  const { outputs, recipe } = model;
  const file = await open('write', model, project, lastItemId);
  try {
    const missing: number[] = [];
    const together = rowsAtOnce(outputs.size);
    for (let at = 0; at < rows.length; at += together) {
      if (signal.aborted) throw cancelled();
      const some = rows.subarray(at, at + together);
      for (const place of await file.read(some, new Float32Array(some.length * outputs.size)))
        missing.push(some[place]!);
    }
    const before = rows.length - missing.length;
    const tell = (done: number) =>
      emit({ kind: 'step', done: before + done, total: rows.length, unit: 'images' });
    tell(0);
    if (missing.length === 0) return;
    const { pixels } = await loadPack(project, recipe.preprocessing, lastItemId, { rows: missing, signal });
    for (let at = 0; at < missing.length; at += together) {
      const some = Int32Array.from(missing.slice(at, at + together));
      const { features } = await outputs.read(pixels, some, {
        signal,
        onProgress: (done) => tell(at + done),
      });
      await file.write(some, features);
    }
  } finally {
    await file.close();
  }
}

/**
 * Those that are kept, block by block.
 * @param each told of rows and their features, [rows, size]
 * @returns how many of the rows have none
 */
export async function readClassifierFeatures(
  model: OpenModel,
  { project, lastItemId, rows }: FeatureRows,
  each: (rows: Int32Array, features: Float32Array) => void,
): Promise<number> {
  const { size } = model.outputs;
  const file = await open('read', model, project, lastItemId);
  if (!file) return rows.length;
  let lacking = 0;
  try {
    const together = rowsAtOnce(size);
    for (let at = 0; at < rows.length; at += together) {
      const some = rows.subarray(at, at + together);
      const values = new Float32Array(some.length * size);
      const missing = new Set(await file.read(some, values));
      lacking += missing.size;
      const there = some.filter((_, place) => !missing.has(place));
      if (missing.size === 0) each(there, values);
      else if (there.length > 0) {
        const known = new Float32Array(there.length * size);
        let to = 0;
        some.forEach((_, place) => {
          if (!missing.has(place)) known.set(values.subarray(place * size, (place + 1) * size), size * to++);
        });
        each(there, known);
      }
    }
  } finally {
    await file.close();
  }
  return lacking;
}

async function open(
  mode: 'write',
  model: OpenModel,
  project: string,
  lastItemId: number,
): Promise<FeatureFile>;
async function open(
  mode: 'read',
  model: OpenModel,
  project: string,
  lastItemId: number,
): Promise<FeatureFile | null>;
async function open(
  mode: 'read' | 'write',
  { recipe, network, normalisation, weights, outputs }: OpenModel,
  project: string,
  lastItemId: number,
): Promise<FeatureFile | null> {
  const hashes = originalsUpTo(project, lastItemId).map(({ hash }) => hash);
  const key = featureKey(network.plan, normalisation, featureOperations(network.plan), weights);
  return openFeatureFile(mode as 'read', project, recipe.preprocessing, hashes, { key, size: outputs.size });
}
type FeatureFile = NonNullable<Awaited<ReturnType<typeof openFeatureFile>>>;

const cancelled = () =>
  new AtelierError('CANCELLED', 'Looking at the images was cancelled. What was computed is kept.');
