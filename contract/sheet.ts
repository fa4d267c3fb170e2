/**
 * Thumbnails on their way to a grid: many of them in one body of bytes, a sheet. What a sheet's address and its bytes look
 * like, for both sides. Reading packs is left to engine/images/thumbnails/sheet.ts, decoding to renderer/pictures/.
 */

/** Ids that one address may name: more than a window of 1920×1080 shows at the size that cells have at first. */
export const mostInSheet = 256;
/** Bytes of thumbnails after which a sheet says `later` of the rest. The first is there whatever its size. */
export const sheetBytes = 4 * 1024 * 1024;

/**
 * `grey` are pixels [height, width], `encoded` is a PNG or JPEG; `none` is an id that no item of the project has,
 * `unreadable` one whose bytes are not where they should be, and `later` has to be asked for again, as the sheet was full.
 */
export const tileForms = ['none', 'grey', 'encoded', 'unreadable', 'later'] as const;
export type TileForm = (typeof tileForms)[number];

export interface Tile {
  /** Of the item. */
  id: number;
  form: TileForm;
  /** Of `grey`; 0 otherwise. */
  width: number;
  height: number;
  bytes: Uint8Array;
}

/** Ids, ascending and each once, as an address has them: `1-64` or `3,7-9`. */
export function writeIds(ids: readonly number[]): string {
  const runs: string[] = [];
  for (let start = 0; start < ids.length;) {
    const first = ids[start]!;
    let length = 1;
    while (ids[start + length] === first + length) length += 1;
    runs.push(length === 1 ? `${first}` : `${first}-${first + length - 1}`);
    start += length;
  }
  return runs.join(',');
}

/** The ids of an address; null where it is not as `writeIds` writes it, or names more than a sheet may hold. */
export function readIds(text: string): number[] | null {
  const ids: number[] = [];
  for (const run of text.split(',')) {
    const found = /^([1-9]\d{0,14})(?:-([1-9]\d{0,14}))?$/.exec(run);
    if (!found) return null;
    const first = Number(found[1]);
    const last = Number(found[2] ?? found[1]);
    if (last - first >= mostInSheet) return null;
    for (let id = first; id <= last; id += 1) ids.push(id);
    if (ids.length > mostInSheet) return null;
  }
  return writeIds(ids) === text && ids.every((id, at) => at === 0 || id > ids[at - 1]!) ? ids : null;
}

const countBytes = 4;
const entryBytes = 24;

/** Number of tiles; id (64 bits, a float), form, width, height and bytes of each; then their bytes. Other numbers are 32 bits; all have the lowest first. */
export function writeSheet(tiles: readonly Tile[]): Uint8Array {
  const head = countBytes + tiles.length * entryBytes;
  const sheet = new Uint8Array(tiles.reduce((sum, { bytes }) => sum + bytes.byteLength, head));
  const view = new DataView(sheet.buffer);
  view.setUint32(0, tiles.length, true);
  let position = head;
  tiles.forEach(({ id, form, width, height, bytes }, at) => {
    const entry = countBytes + at * entryBytes;
    view.setFloat64(entry, id, true);
    const numbers = [tileForms.indexOf(form), width, height, bytes.byteLength];
    numbers.forEach((value, place) => view.setUint32(entry + 8 + place * 4, value, true));
    sheet.set(bytes, position);
    position += bytes.byteLength;
  });
  return sheet;
}

/** The tiles of a sheet, as views of its bytes; null where it is not a whole one. */
export function readSheet(sheet: Uint8Array): Tile[] | null {
  if (sheet.byteLength < countBytes) return null;
  const view = new DataView(sheet.buffer, sheet.byteOffset, sheet.byteLength);
  const count = view.getUint32(0, true);
  let position = countBytes + count * entryBytes;
  if (count > mostInSheet || position > sheet.byteLength) return null;
  const tiles: Tile[] = [];
  for (let at = 0; at < count; at += 1) {
    const entry = countBytes + at * entryBytes;
    const id = view.getFloat64(entry, true);
    const [number, width, height, length] = [0, 1, 2, 3].map((place) =>
      view.getUint32(entry + 8 + place * 4, true),
    ) as [number, number, number, number];
    const form = tileForms[number];
    const wrong = form === 'grey' && (width * height !== length || length === 0);
    if (!Number.isSafeInteger(id) || form === undefined || wrong || position + length > sheet.byteLength)
      return null;
    tiles.push({ id, form, width, height, bytes: sheet.subarray(position, position + length) });
    position += length;
  }
  return position === sheet.byteLength ? tiles : null;
}
