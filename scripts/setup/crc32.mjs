/** CRC-32 (IEEE 802.3), as PNG and zip use it. Node's own `zlib.crc32` is newer than the oldest Node we serve. */
const table = new Uint32Array(256).map((_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});

/** @param {Uint8Array} bytes @param {number} [previous] result for the bytes before these @returns {number} unsigned */
export function crc32(bytes, previous = 0) {
  let crc = ~previous >>> 0;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
