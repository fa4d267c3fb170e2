/** Promises broken on purpose, to show that torture notices. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import yauzl from 'yauzl';
import { AtelierError } from '#contract/errors.ts';
import { Recipe } from '#recipe/recipe.ts';
import { answering, type OpenBundle } from '#engine/worker/bundle.ts';
import { unzip } from '#learning/files/unzip.ts';
import { notWritten, type StreamFile, type WriteFile } from '#learning/files/durable-file.ts';
import { digest } from '#learning/model/model-file.ts';
import { decodeSafetensors, encodeSafetensors } from '#learning/files/safetensors.ts';

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
/** Unpacks a zip as it comes, without a look at its checksums. */
export async function unpackUnchecked(path: string, to: string): Promise<number> {
  const unreadable = (cause: unknown) => new AtelierError('SOURCE_UNREADABLE', String(cause));
  const zip = await yauzl.openPromise(path).catch((cause: unknown) => {
    throw unreadable(cause);
  });
  try {
    mkdirSync(to);
    for await (const entry of zip.eachEntry()) {
      const pieces: Buffer[] = [];
      for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer);
      writeFileSync(join(to, basename(entry.fileName)), Buffer.concat(pieces));
    }
    return 0;
  } catch (cause) {
    throw unreadable(cause);
  } finally {
    zip.close();
  }
}

/** Believes the header of an IDX file: reads as many images as it claims from what is there. */
export async function believeHeader(
  bytes: Buffer,
): Promise<{ images: number; height: number; width: number }> {
  const [images, height, width] = [4, 8, 12].map((at) => bytes.readUInt32BE(at)) as [number, number, number];
  return { images, height, width };
}
