/**
 * The points of a map of embeddings as bytes, for both sides: the ids of the items (int32, ascending), then x and y of each
 * (float32). All have the lowest byte first, as on every machine that Atelier runs on.
 */
export interface MapPoints {
  /** Ascending. */
  itemIds: Int32Array;
  /** [points, 2] */
  coordinates: Float32Array;
}

const pointBytes = 12;

export function writeMapPoints({ itemIds, coordinates }: MapPoints): Uint8Array {
  const bytes = new Uint8Array(itemIds.length * pointBytes);
  bytes.set(new Uint8Array(itemIds.buffer, itemIds.byteOffset, itemIds.byteLength));
  bytes.set(
    new Uint8Array(coordinates.buffer, coordinates.byteOffset, coordinates.byteLength),
    itemIds.byteLength,
  );
  return bytes;
}

/** null where they are no whole number of points. */
export function readMapPoints(bytes: ArrayBuffer): MapPoints | null {
  const count = bytes.byteLength / pointBytes;
  if (!Number.isInteger(count)) return null;
  return {
    itemIds: new Int32Array(bytes, 0, count),
    coordinates: new Float32Array(bytes, 4 * count, 2 * count),
  };
}

/** The place of an item among ascending ids; -1 where it is not among them. */
export function placeOfItem(itemIds: Int32Array, itemId: number): number {
  let low = 0;
  let high = itemIds.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (itemIds[middle] === itemId) return middle;
    if (itemIds[middle]! < itemId) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
