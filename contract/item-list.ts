/**
 * A whole filtered list of items as bytes, for both sides: their ids (int32) in the order of the list, then the class of each
 * (int32; 0 for unlabelled images). What a plot of all images needs; items with their names are `items.list`.
 */
export interface ItemList {
  itemIds: Int32Array;
  classIds: Int32Array;
}

const itemBytes = 8;

export function writeItemList({ itemIds, classIds }: ItemList): Uint8Array {
  const both = new Int32Array(2 * itemIds.length);
  both.set(itemIds);
  both.set(classIds, itemIds.length);
  return new Uint8Array(both.buffer);
}

/** null where they are no whole number of items. */
export function readItemList(bytes: ArrayBuffer): ItemList | null {
  const count = bytes.byteLength / itemBytes;
  if (!Number.isInteger(count)) return null;
  return { itemIds: new Int32Array(bytes, 0, count), classIds: new Int32Array(bytes, 4 * count, count) };
}
