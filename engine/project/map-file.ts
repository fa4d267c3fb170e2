/**
 * The map of embeddings in a project's folder: one file, there whole or not at all, that says what it is of. Whatever is wrong
 * with it, there is no map, and it is drawn anew.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { EmbeddingMap } from '#contract/embeddings.ts';
import type { MapPoints } from '#contract/map-points.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { decodeSafetensors, encodeSafetensors } from '#learning/files/safetensors.ts';

export const mapFile = (project: string): string => join(project, 'packs', 'embedding-map.safetensors');

export interface KeptMap extends MapPoints {
  map: EmbeddingMap;
}

const format = 'atelier-embedding-map/1';
const Header = z.object({ format: z.literal(format), map: z.string() });

/** @throws DISK_FULL, FILE_NOT_WRITABLE */
export async function writeMapFile(path: string, { map, itemIds, coordinates }: KeptMap): Promise<void> {
  const bytes = encodeSafetensors(
    new Map([
      ['itemIds', { dtype: 'I32', shape: [itemIds.length], data: itemIds }],
      ['coordinates', { dtype: 'F32', shape: [itemIds.length, 2], data: coordinates }],
    ]),
    { format, map: JSON.stringify(map) },
  );
  await writeDurably(path, bytes);
}

/** null where there is none that can be read. */
export async function readMapFile(path: string): Promise<KeptMap | null> {
  try {
    const { tensors, metadata } = decodeSafetensors(await readFile(path));
    const map = EmbeddingMap.parse(JSON.parse(Header.parse(metadata).map));
    const itemIds = tensors.get('itemIds')?.data;
    const coordinates = tensors.get('coordinates')?.data;
    if (!(itemIds instanceof Int32Array) || !(coordinates instanceof Float32Array)) return null;
    const whole =
      itemIds.length === map.points &&
      coordinates.length === 2 * map.points &&
      itemIds.every((id, at) => id > (at === 0 ? 0 : itemIds[at - 1]!)) &&
      coordinates.every(Number.isFinite);
    return whole ? { map, itemIds, coordinates } : null;
  } catch {
    return null;
  }
}
