/**
 * A bundle opened to answer: read and checked whole (learning/export/read-bundle.ts), its model looked at before it is
 * run (own-model.ts), and each answer checked before it is believed. How long an answer may take is left to the studio's
 * side of the worker: nothing here could end a graph that does not end.
 */
import { statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type * as runtime from 'onnxruntime-node';
import { type AnswerLimits, type Judged, type Verdict, verdictOf, verdicts } from '#contract/answer-rule.ts';
import { whyNoProbabilities } from '#learning/evaluation/probabilities.ts';
import type { BundleOrigin } from '#learning/export/manifest.ts';
import { noveltyOutput, verdictOutput } from '#learning/onnx/answer-rule.ts';
import { inputName, outputName } from '#learning/onnx/onnx.ts';
import { ownModel } from '#learning/export/own-model.ts';
import { damagedBundle, readBundle, type ReadBundle } from '#learning/export/read-bundle.ts';
import type { AnsweredImage } from './protocol.ts';
import { type Picture, toNetworkInput } from '../images/decode/decode.ts';

export interface OpenBundle {
  classes: string[];
  origin: BundleOrigin | null;
  /** @throws IMAGE_UNREADABLE, BUNDLE_DAMAGED where the answer is no set of probabilities */
  predict(picture: Picture, name: string): Promise<AnsweredImage>;
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
  const limits = origin?.answerRule ?? null;
  const own = ownModel(model, preprocessing, classes.length, limits !== null);
  const session = await InferenceSession.create(own, { logSeverityLevel: 3 }).catch((cause: Error) => {
    throw damagedBundle(`its model.onnx cannot be loaded (${cause.message})`, cause);
  });
  return {
    classes,
    origin,
    async predict(picture, name) {
      const start = performance.now();
      const pixels = await toNetworkInput(picture, preprocessing, name);
      const input = new Tensor('uint8', pixels, [1, height, width, channels]);
      const outputs = await run(session, input);
      const probabilities = numbersOf(outputs, classes.length);
      const judged = limits
        ? judgedOf(outputs, probabilities, limits)
        : { verdict: 'answer' as const, judged: null };
      return { probabilities, ...judged, milliseconds: performance.now() - start };
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

/** The verdict of the model, which must be the one that its own figures lead to. */
function judgedOf(
  outputs: runtime.InferenceSession.OnnxValueMapType,
  probabilities: readonly number[],
  limits: AnswerLimits,
): { verdict: Verdict; judged: Judged } {
  const first = (name: string) =>
    Number((outputs[name]?.data as ArrayLike<number | bigint> | undefined)?.[0]);
  const [novelty, said] = [first(noveltyOutput), verdicts[first(verdictOutput)]];
  const verdict = verdictOf(Math.max(...probabilities), novelty, limits);
  if (said !== verdict)
    throw damagedBundle(`its model says the verdict ${said ?? 'none'} where its figures lead to ${verdict}`);
  const { temperature, threshold, noveltyThreshold } = limits;
  return {
    verdict,
    judged: { temperature, threshold, noveltyThreshold, novelty: Number.isFinite(novelty) ? novelty : null },
  };
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
