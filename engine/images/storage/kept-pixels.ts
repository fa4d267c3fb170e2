/** Images whose pixels the project keeps itself, uint8 [height, width] or [height, width, 3]: their source is needed no more. */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { encodePng } from '#learning/files/png.ts';
import { cutShort } from '../packs/pack-file.ts';
import { hashOf, type Original } from './changed-originals.ts';
import type { Storage, StoredSize } from './storage.ts';

export const keptPixels: Storage = {
  name: 'pixels',
  originals: false,
  packName: (sourceId) => `source-${sourceId}.u8`,
  channels: channelsOf,
  tile(bytes, size) {
    const channels = channelsOf(size);
    if (bytes.length === 0 || bytes.length !== size.width * size.height * channels) return null;
    if (channels === 1) return { form: 'grey', bytes };
    return { form: 'encoded', bytes: encodePng(bytes, size.width, size.height, channels) };
  },
  async picture(project, item) {
    const pixels = new Uint8Array(item.length);
    // As small as they are, waiting for each would take longer than reading it.
    const file = openSync(join(project, 'packs', keptPixels.packName(item.sourceId)), 'r');
    try {
      const read = readSync(file, pixels, 0, pixels.length, item.position);
      if (read < pixels.length) throw cutShort(pixels.length, read);
    } finally {
      closeSync(file);
    }
    if (hashOf(pixels) !== item.hash) throw otherPixels(item);
    return { pixels, height: item.height, width: item.width, channels: channelsOf(item) };
  },
};

function channelsOf({ width, height, length }: StoredSize): 1 | 3 {
  return length === width * height * 3 ? 3 : 1;
}

/** What to throw where a source's own pack holds other pixels than were imported. */
export const otherPixels = ({ sourceId, name }: Pick<Original, 'sourceId' | 'name'>) =>
  new AtelierError(
    'PROJECT_DAMAGED',
    `Expected the pixels that were imported as ${name}, but the pack of source ${sourceId} holds others. Put back a copy of packs/${keptPixels.packName(sourceId)}, or import the data again into a new project.`,
    { sourceId, name },
  );
