/**
 * Task `predict-bundle`: image files through an exported bundle, with the runtime that proved it. A bundle may come
 * from anybody: three entries are read, by name and with bounds, and nothing of it is run but the model.
 */
import { performance } from 'node:perf_hooks';
import * as z from 'zod';
import { openPromise } from 'yauzl';
import { AtelierError, toWireError } from '#contract/errors.ts';
import { Recipe } from '#contract/recipe.ts';
import { inputName, outputName } from '#learning/export/onnx.ts';
import { toNetworkInput } from '../../images/decode.ts';
import type { TaskFunction } from '../protocol.ts';
import { readImage } from './full.ts';

/** Bytes an entry may have. */
const limits = { 'labels.json': 1 << 20, 'recipe.json': 1 << 20, 'model.onnx': 512 << 20 } as const;
type Name = keyof typeof limits;

const Labels = z.array(z.string().max(255)).min(2).max(100_000);

const noBundle = (bundle: string, what: string, cause?: unknown) =>
  new AtelierError(
    'SOURCE_UNREADABLE',
    `Expected a bundle that Atelier exported, received ${bundle}: ${what}. Export the run again.`,
    { bundle },
    { cause },
  );

/** @throws SOURCE_UNREADABLE where the file is no bundle */
export const predictBundle: TaskFunction<'predict-bundle'> = async ({ bundle, images }, { emit, signal }) => {
  const entries = await readEntries(bundle);
  const classes = parse(bundle, 'labels.json', entries, Labels);
  const { preprocessing } = parse(bundle, 'recipe.json', entries, Recipe);
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(entries['model.onnx'], { logSeverityLevel: 3 }).catch(
    (cause: Error) => {
      throw noBundle(bundle, `its model.onnx cannot be loaded (${cause.message})`, cause);
    },
  );
  try {
    for (const [index, image] of images.entries()) {
      if (signal.aborted) throw new AtelierError('CANCELLED', 'Cancelled.');
      try {
        const { picture, name } = await readImage('', { kind: 'file', ...image });
        const start = performance.now();
        const pixels = await toNetworkInput(picture, preprocessing, name);
        const { height, width, channels } = preprocessing;
        const input = new Tensor('uint8', pixels, [1, height, width, channels]);
        const { data } = (await session.run({ [inputName]: input }))[outputName] ?? {};
        if (!(data instanceof Float32Array) || data.length !== classes.length) {
          throw noBundle(bundle, `its model does not answer with ${classes.length} probabilities`);
        }
        emit({ kind: 'answer', index, probabilities: [...data], milliseconds: performance.now() - start });
      } catch (thrown) {
        const error = toWireError(thrown);
        if (error.code !== 'IMAGE_UNREADABLE') throw thrown;
        emit({ kind: 'failed', index, error });
      }
    }
  } finally {
    await session.release();
  }
  return { classes };
};

async function readEntries(bundle: string): Promise<Record<Name, Buffer>> {
  const found = new Map<string, Buffer>();
  try {
    const archive = await openPromise(bundle);
    for await (const entry of archive.eachEntry()) {
      if (!Object.hasOwn(limits, entry.fileName)) continue;
      const limit = limits[entry.fileName as Name];
      if (entry.uncompressedSize > limit || found.has(entry.fileName)) {
        throw new Error(`${entry.fileName} is there twice or has more than ${limit} bytes`);
      }
      const parts: Buffer[] = [];
      // yauzl ends the stream with an error where it gives more bytes than the entry says.
      for await (const part of await archive.openReadStreamPromise(entry)) parts.push(part as Buffer);
      found.set(entry.fileName, Buffer.concat(parts));
    }
  } catch (cause) {
    throw noBundle(bundle, (cause as Error).message, cause);
  }
  for (const name of Object.keys(limits)) if (!found.has(name)) throw noBundle(bundle, `it holds no ${name}`);
  return Object.fromEntries(found) as Record<Name, Buffer>;
}

function parse<S extends z.ZodType>(
  bundle: string,
  name: Name,
  entries: Record<Name, Buffer>,
  schema: S,
): z.infer<S> {
  try {
    return schema.parse(JSON.parse(entries[name].toString('utf8')));
  } catch (cause) {
    throw noBundle(bundle, `its ${name} is not as expected`, cause);
  }
}
