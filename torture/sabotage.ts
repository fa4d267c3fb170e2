/** Promises broken on purpose, to show that torture notices. */
import { writeFile } from 'node:fs/promises';
import { notWritten, type WriteFile } from '#learning/model/durable-file.ts';
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
