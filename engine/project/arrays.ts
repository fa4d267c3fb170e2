/** Arrays of numbers as files, little-endian without header: what the studio and its workers hand to each other. */
import { readFile, writeFile } from 'node:fs/promises';
import { notWritten } from '#learning/files/durable-file.ts';

/** @throws DISK_FULL, FILE_NOT_WRITABLE */
export async function writeArray(path: string, array: Int32Array | Float32Array): Promise<void> {
  try {
    await writeFile(path, new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  } catch (cause) {
    throw notWritten(path, cause);
  }
}

const aligned = async (path: string) => {
  const bytes = await readFile(path);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
};
export const readInt32 = async (path: string) => new Int32Array(await aligned(path));
export const readFloat32 = async (path: string) => new Float32Array(await aligned(path));
