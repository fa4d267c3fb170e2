/**
 * An item's thumbnail as bytes, out of the packs and without a decoder: cheap enough for the studio
 * process itself. Larger views are left to the image worker.
 */
import { open } from 'node:fs/promises';
import { encodePng } from '#learning/model/png.ts';
import { cutShort } from '../packs/pack-file.ts';
import { packName } from '../../intake/importer.ts';
import type { ItemPlace } from '../../project/items.ts';
import type { OpenProject } from '../../project/project.ts';

export interface Picture {
  contentType: string;
  bytes: Uint8Array;
}

/** The pixels of an IDX image, or the stored thumbnail of a file. @throws PROJECT_DAMAGED */
export async function thumbnailOf(project: OpenProject, place: ItemPlace): Promise<Picture> {
  const length = place.kind === 'idx' ? place.width * place.height : place.length;
  const start = place.kind === 'idx' ? place.position * length : place.position;
  const bytes = Buffer.alloc(length);
  const file = await open(project.packPath(packName(place.kind, place.sourceId)), 'r');
  try {
    const { bytesRead } = await file.read(bytes, 0, length, start);
    if (bytesRead < length) throw cutShort(length, bytesRead);
  } finally {
    await file.close();
  }
  if (place.kind === 'idx')
    return { contentType: 'image/png', bytes: encodePng(bytes, place.width, place.height, 1) };
  return { contentType: imageType(bytes), bytes };
}

/** PNG or JPEG, told by the first byte: the only two that are ever written. */
export const imageType = (bytes: Uint8Array) => (bytes[0] === 0x89 ? 'image/png' : 'image/jpeg');
