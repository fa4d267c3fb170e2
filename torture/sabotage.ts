/** Promises broken on purpose, to show that torture notices. */
import { open, writeFile } from 'node:fs/promises';
import { Recipe } from '#contract/recipe.ts';
import { answering, type OpenBundle } from '#engine/worker/bundle.ts';
import { unzip } from '#learning/export/testing.ts';
import { notWritten, type StreamFile, type WriteFile } from '#learning/model/durable-file.ts';
import { digest } from '#learning/model/model-file.ts';
import { decodeSafetensors, encodeSafetensors } from '#learning/model/safetensors.ts';

/** A checkpoint whose optimizer remembers nothing, otherwise whole; other files as they are. */
export function withoutSlots(bytes: Uint8Array): Uint8Array {
  const { tensors, metadata } = decodeSafetensors(bytes);
  for (const [name, { data }] of tensors) if (name.startsWith('slots/')) data.fill(0 as never);
  delete metadata['sha256'];
  return encodeSafetensors(tensors, { ...metadata, sha256: digest(tensors, metadata) });
}

/** Writes under the final name at once, as a program does that does not think of being killed. */
export const writeInPlace: WriteFile = (path, bytes) =>
  writeFile(path, bytes).catch((cause: unknown) => {
    throw notWritten(path, cause);
  });

/** A bundle opened as one that nothing can have happened to. */
export async function openUnchecked(path: string): Promise<OpenBundle> {
  const files = await unzip(path);
  const json = (name: string): unknown => JSON.parse(files.get(name)!.toString());
  const { preprocessing } = Recipe.parse(json('recipe.json'));
  const classes = json('labels.json') as string[];
  return answering({ model: files.get('model.onnx')!, classes, preprocessing, origin: null });
}

/** Streams under the final name at once, and checks nothing. */
export const streamInPlace: StreamFile = async (path, parts) => {
  const file = await open(path, 'w');
  try {
    for await (const part of parts) await file.writeFile(part);
  } finally {
    await file.close();
  }
};
