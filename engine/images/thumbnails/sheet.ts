/**
 * Thumbnails of many items out of the packs, in one body of bytes (contract/sheet.ts), without a decoder: a few reads and
 * a copy, cheap enough for the studio process itself. An image that is damaged is said in its place; the others are there.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { sheetBytes, type Tile, writeSheet } from '#contract/sheet.ts';
import { encodePng } from '#learning/files/png.ts';
import { storageOf } from '../storage/storages.ts';
import type { ItemPlace, ItemThumbnail } from '../../project/items.ts';
import { cutShort } from '../packs/pack-file.ts';
import type { OpenProject } from '../../project/project.ts';

/** Bytes between two thumbnails that are read along with them, rather than by another read. */
const gap = 64 * 1024;

/** Bytes of one image beyond which its row is none that this program wrote. */
const greatest = 100_000_000;

const without = (id: number, form: Tile['form']): Tile => ({
  ...{ id, form, width: 0, height: 0, bytes: new Uint8Array(0) },
});

interface Wanted {
  /** Place in the sheet. */
  at: number;
  item: ItemThumbnail;
  start: number;
  length: number;
}

/**
 * Changes with what the sheet holds and with nothing else. An item is one content for ever, but ids count from 1 in every
 * project, and those of a copied project go on alike.
 */
export const sheetTag = (project: string, ids: string, items: readonly ItemThumbnail[]): string =>
  createHash('sha256')
    .update(JSON.stringify([project, ids, items]))
    .digest('hex')
    .slice(0, 32);

/**
 * @param ids in the order of the tiles
 * @param items those of them that the project has
 * @param packPath where a pack of this name lies
 */
export async function makeSheet(
  ids: readonly number[],
  items: readonly ItemThumbnail[],
  packPath: (name: string) => string,
): Promise<Uint8Array> {
  const known = new Map(items.map((item) => [item.id, item]));
  const packs = new Map<string, Wanted[]>();
  let bytes = 0;
  const tiles = ids.map((id, at): Tile => {
    const item = known.get(id);
    if (!item) return without(id, 'none');
    const { length } = item;
    if (length === 0 || length > greatest) return without(id, 'unreadable');
    if (bytes > 0 && bytes + length > sheetBytes) return without(id, 'later');
    bytes += length;
    const pack = storageOf(item.storage).packName(item.sourceId);
    packs.set(pack, [...(packs.get(pack) ?? []), { at, item, start: item.position, length }]);
    return without(id, 'unreadable');
  });
  for (const [pack, wanted] of packs) await fill(tiles, wanted, packPath(pack));
  return writeSheet(tiles);
}

/** Leaves `unreadable` what is not in the pack. */
async function fill(tiles: Tile[], wanted: Wanted[], path: string): Promise<void> {
  const file = await open(path, 'r').catch(() => null);
  if (!file) return;
  try {
    const { size } = await file.stat();
    const there = wanted.filter(({ start, length }) => start + length <= size);
    for (const run of runsOf(there.sort((a, b) => a.start - b.start))) await fillRun(tiles, run, file);
  } finally {
    await file.close();
  }
}

function runsOf(wanted: readonly Wanted[]): Wanted[][] {
  const runs: Wanted[][] = [];
  let end = -Infinity;
  for (const one of wanted) {
    if (one.start - end > gap) runs.push([one]);
    else runs.at(-1)!.push(one);
    end = Math.max(end, one.start + one.length);
  }
  return runs;
}

async function fillRun(tiles: Tile[], run: readonly Wanted[], file: FileHandle): Promise<void> {
  const start = run[0]!.start;
  const end = Math.max(...run.map((one) => one.start + one.length));
  const bytes = Buffer.alloc(end - start);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, start).catch(() => ({ bytesRead: 0 }));
  for (const { at, item, start: from, length } of run) {
    if (from - start + length > bytesRead) continue;
    const own = bytes.subarray(from - start, from - start + length);
    const tile = storageOf(item.storage).tile(own, item);
    if (!tile) continue;
    const size = tile.form === 'grey' ? { width: item.width, height: item.height } : { width: 0, height: 0 };
    tiles[at] = { id: item.id, ...tile, ...size };
  }
}

interface Picture {
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
