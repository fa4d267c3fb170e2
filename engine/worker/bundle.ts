/**
 * A bundle opened to answer: read and checked whole (learning/export/read-bundle.ts), its model looked at before it is
 * run (own-model.ts), and each answer checked before it is believed. How long an answer may take is left to the studio's
 * side of the worker: nothing here could end a graph that does not end.
 */
import { statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type * as runtime from 'onnxruntime-node';
import { whyNoProbabilities } from '#learning/evaluation/probabilities.ts';
import type { BundleOrigin } from '#learning/export/manifest.ts';
import { inputName, outputName } from '#learning/onnx/onnx.ts';
import { ownModel } from '#learning/export/own-model.ts';
import { damagedBundle, readBundle, type ReadBundle } from '#learning/export/read-bundle.ts';
import { type Picture, toNetworkInput } from '../images/decode/decode.ts';

export interface OpenBundle {
  classes: string[];
  origin: BundleOrigin | null;
  /** @throws IMAGE_UNREADABLE, BUNDLE_DAMAGED where the answer is no set of probabilities */
  predict(picture: Picture, name: string): Promise<{ probabilities: number[]; milliseconds: number }>;
  close(): Promise<void>;
}

/** @throws SOURCE_UNREADABLE, BUNDLE_DAMAGED, BUNDLE_REFUSED */
export async function openBundle(path: string): Promise<OpenBundle> {
  return answering(await readBundle(path));
}

/** A bundle that has been read, ready to answer. @throws BUNDLE_DAMAGED, BUNDLE_REFUSED */
export async function answering({ model, classes, preprocessing, origin }: ReadBundle): Promise<OpenBundle> {
  const { height, width, channels } = preprocessing;
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(ownModel(model, preprocessing, classes.length), {
    logSeverityLevel: 3,
  }).catch((cause: Error) => {
    throw damagedBundle(`its model.onnx cannot be loaded (${cause.message})`, cause);
  });
  return {
    classes,
    origin,
    async predict(picture, name) {
      const start = performance.now();
      const pixels = await toNetworkInput(picture, preprocessing, name);
      const input = new Tensor('uint8', pixels, [1, height, width, channels]);
      const probabilities = numbersOf(await run(session, input), classes.length);
      return { probabilities, milliseconds: performance.now() - start };
    },
    close: () => session.release(),
  };
}

const run = (session: runtime.InferenceSession, input: runtime.Tensor) =>
  session.run({ [inputName]: input }).catch((cause: Error) => {
    throw damagedBundle(`its model.onnx cannot be run (${cause.message})`, cause);
  });

function numbersOf(outputs: runtime.InferenceSession.OnnxValueMapType, classCount: number): number[] {
  const { data } = (outputs[outputName] ?? {}) as { data?: unknown };
  if (!(data instanceof Float32Array)) throw damagedBundle('its model gives no list of numbers');
  const why = whyNoProbabilities(data, classCount);
  if (why !== null) throw damagedBundle(`its model answered ${why}`);
  return [...data];
}

let last: { key: string; bundle: OpenBundle } | null = null;

/** The same, kept for the next image; a file that has changed since is read anew. */
export async function keptBundle(path: string): Promise<OpenBundle> {
  const { mtimeMs = 0, size = 0, ino = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
  const key = [path, mtimeMs, size, ino].join('|');
  if (last?.key === key) return last.bundle;
  await last?.bundle.close();
  last = null;
  const bundle = await openBundle(path);
  last = { key, bundle };
  return bundle;
}
