/**
 * An item's thumbnail as bytes, out of the packs and without a decoder: cheap enough for the studio
 * process itself. Larger views are left to the image worker.
 */
import { open } from 'node:fs/promises';
import { encodePng } from '#learning/files/png.ts';
import { cutShort } from '../packs/pack-file.ts';
import { storageOf } from '../storage/storages.ts';
import type { ItemPlace } from '../../project/items.ts';
import type { OpenProject } from '../../project/project.ts';

export interface Picture {
  contentType: string;
  bytes: Uint8Array;
}

/** @throws PROJECT_DAMAGED where its bytes are not where they should be */
export async function thumbnailOf(project: OpenProject, place: ItemPlace): Promise<Picture> {
  const { storage, position, length, width, height } = place;
  const { packName, tile } = storageOf(storage);
  const bytes = Buffer.alloc(length);
  const file = await open(project.packPath(packName(place.sourceId)), 'r');
  try {
    const { bytesRead } = await file.read(bytes, 0, length, position);
    if (bytesRead < length) throw cutShort(length, bytesRead);
  } finally {
    await file.close();
  }
  const found = tile(bytes, place);
  if (!found) throw cutShort(width * height, length);
  const image = found.form === 'grey' ? encodePng(found.bytes, width, height, 1) : found.bytes;
  return { contentType: imageType(image), bytes: image };
}

/** PNG or JPEG, told by the first byte: the only two that are ever written. */
export const imageType = (bytes: Uint8Array) => (bytes[0] === 0x89 ? 'image/png' : 'image/jpeg');
