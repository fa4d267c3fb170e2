/** `answer-rule.safetensors` in a run's folder: its answer rule with the model of what is novel, in one file, so that both are there or neither. */
import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AnswerRule } from '#contract/answer-rule.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from '#learning/files/safetensors.ts';
import { digest } from '#learning/model/model-file.ts';
import type { NoveltyModel } from './novelty.ts';

const format = 'atelier-answer-rule/1';
const pathIn = (folder: string) => join(folder, 'answer-rule.safetensors');

export interface KeptRule {
  rule: AnswerRule;
  novelty: NoveltyModel;
}

/** @throws DISK_FULL, FILE_NOT_WRITABLE */
export async function saveAnswerRule(folder: string, { rule, novelty }: KeptRule): Promise<void> {
  const { size, dimensions, projection, classes, whitening, shift, logDeterminants } = novelty;
  const tensor = (shape: number[], data: Float32Array): SafeTensor => ({ dtype: 'F32', shape, data });
  const width = classes * dimensions;
  const tensors = new Map([
    ['whitening', tensor([dimensions, width], whitening)],
    ['shift', tensor([width], shift)],
    ['logDeterminants', tensor([classes], logDeterminants)],
    ...(projection
      ? ([
          ['axes', tensor([size, dimensions], projection.axes)],
          ['offset', tensor([dimensions], projection.offset)],
        ] as const)
      : []),
  ]);
  const metadata = { format, rule: JSON.stringify(rule) };
  await writeDurably(
    pathIn(folder),
    encodeSafetensors(tensors, { ...metadata, sha256: digest(tensors, metadata) }),
  );
}

/**
 * @param epoch whose weights are kept now
 * @returns null where there is none of these weights, or the file is not as it was written: then images are answered as without a rule
 */
export async function loadAnswerRule(folder: string, epoch: number | null): Promise<KeptRule | null> {
  const bytes = await readFile(pathIn(folder)).catch(() => null);
  if (bytes === null) return null;
  try {
    const { tensors, metadata } = decodeSafetensors(bytes);
    const rule = AnswerRule.parse(JSON.parse(metadata['rule'] ?? ''));
    if (
      metadata['format'] !== format ||
      digest(tensors, metadata) !== metadata['sha256'] ||
      rule.epoch !== epoch
    )
      return null;
    const floats = (name: string) => tensors.get(name)!.data as Float32Array;
    const [dimensions, width] = tensors.get('whitening')!.shape as [number, number];
    const axes = tensors.get('axes');
    return {
      rule,
      novelty: {
        size: axes ? axes.shape[0]! : dimensions,
        dimensions,
        projection: axes ? { axes: floats('axes'), offset: floats('offset') } : null,
        classes: width / dimensions,
        whitening: floats('whitening'),
        shift: floats('shift'),
        logDeterminants: floats('logDeterminants'),
      },
    };
  } catch {
    return null;
  }
}

export const removeAnswerRule = (folder: string): void => rmSync(pathIn(folder), { force: true });
