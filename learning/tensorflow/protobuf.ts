/** The little of protocol buffers' wire format that Atelier writes by hand. Loads nothing native. */

/** Fields by their wire types: 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
const key = (field: number, wire: number) => Buffer.from(varint(field * 8 + wire));
export const varintField = (field: number, value: number): Buffer =>
  Buffer.concat([key(field, 0), Buffer.from(varint(value))]);
export const bytesField = (field: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([key(field, 2), Buffer.from(varint(bytes.length)), bytes]);
export function doubleField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(field, 1), bytes]);
}
export function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, 5), bytes]);
}

/** A whole number from 0, seven bits a byte, the lowest first. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return bytes;
}
