/** Facts of images in a project's folder: one file, there whole or not at all. Whatever is wrong with it, there are none. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type FactValues, imageFactKeys, ImageFacts, meanBytes } from '#contract/image-facts.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { decodeSafetensors, encodeSafetensors } from '#learning/files/safetensors.ts';

export const factsFile = (project: string): string => join(project, 'packs', 'image-facts.safetensors');

export interface KeptFacts extends FactValues {
  facts: ImageFacts;
}

const format = 'atelier-image-facts/1';
/** Of other facts than those of this version none is read. */
const Header = z.object({
  format: z.literal(format),
  keys: z.literal(imageFactKeys.join()),
  facts: z.string(),
});

/** @throws DISK_FULL, FILE_NOT_WRITABLE */
export async function writeFactsFile(path: string, { facts, ...all }: KeptFacts): Promise<void> {
  const { itemIds, values, classIds, means, pixels } = all;
  const bytes = encodeSafetensors(
    new Map([
      ['itemIds', { dtype: 'I32', shape: [itemIds.length], data: itemIds }],
      ['values', { dtype: 'F32', shape: [imageFactKeys.length, itemIds.length], data: values }],
      ['classIds', { dtype: 'I32', shape: [classIds.length], data: classIds }],
      ['means', { dtype: 'U8', shape: [classIds.length, meanBytes], data: means }],
      ['pixels', { dtype: 'F32', shape: [3, 256], data: pixels }],
    ]),
    { format, keys: imageFactKeys.join(), facts: JSON.stringify(facts) },
  );
  await writeDurably(path, bytes);
}

/** null where there are none that can be read. */
export async function readFactsFile(path: string): Promise<KeptFacts | null> {
  try {
    const { tensors, metadata } = decodeSafetensors(await readFile(path));
    const facts = ImageFacts.parse(JSON.parse(Header.parse(metadata).facts));
    const dataOf = (name: string) => tensors.get(name)?.data;
    const [itemIds, classIds] = [dataOf('itemIds'), dataOf('classIds')];
    const [values, pixels, means] = [dataOf('values'), dataOf('pixels'), dataOf('means')];
    if (!(itemIds instanceof Int32Array) || !(classIds instanceof Int32Array)) return null;
    if (!(values instanceof Float32Array) || !(pixels instanceof Float32Array)) return null;
    if (!(means instanceof Uint8Array)) return null;
    const whole =
      itemIds.length === facts.images &&
      itemIds.every((id, at) => id > (at === 0 ? 0 : itemIds[at - 1]!)) &&
      values.length === imageFactKeys.length * facts.images &&
      means.length === classIds.length * meanBytes &&
      pixels.length === 3 * 256;
    return whole ? { facts, itemIds, values, classIds, means, pixels } : null;
  } catch {
    return null;
  }
}
