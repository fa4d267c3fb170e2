/**
 * Whether a JPEG without an end mark has all its data. libvips looks for libjpeg's complaints before each strip of rows
 * and so passes over those of the last ones; here the codes of a sequential JPEG are followed to their end. Of a
 * progressive one libjpeg reads everything first, so only scans that are missing as a whole are looked for.
 */

interface Component {
  id: number;
  horizontal: number;
  vertical: number;
  dc: Codes;
  ac: Codes;
}

/** Code words by length: for each length the first code, the number of codes, and where their values begin. */
interface Codes {
  counts: Uint8Array;
  values: Uint8Array;
}

const noCodes: Codes = { counts: new Uint8Array(16), values: new Uint8Array(0) };

/** There is no more data. */
class Ended extends Error {}

/** @param bytes a JPEG without an end mark */
export function hasAllData(bytes: Uint8Array): boolean {
  try {
    return follow(withoutPadding(bytes));
  } catch (thrown) {
    if (thrown instanceof Ended || thrown instanceof RangeError) return false;
    throw thrown;
  }
}

/** Zeros at the end are no data: a copy that was broken off often has them. A few may belong to it. */
function withoutPadding(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.length - end > 8 ? bytes.subarray(0, end + 2) : bytes;
}

function follow(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const tables = new Map<number, Codes>();
  let components: Component[] = [];
  let frame = { width: 0, height: 0, progressive: false };
  let interval = 0;
  let scanned = 0;
  /** Of a progressive JPEG, by component: bits still missing of the first coefficient and of the others. */
  const missing = new Map<number, { first: number; others: Uint8Array }>();
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = view.getUint16(at + 2);
    const body = at + 4;
    if (at + 2 + length > bytes.length) return false;
    at += 2 + length;
    if (marker === 0xc4) readTables(bytes.subarray(body, at), tables);
    else if (marker === 0xdd) interval = view.getUint16(body);
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) {
      if (marker > 0xc2) return false;
      frame = {
        width: view.getUint16(body + 3),
        height: view.getUint16(body + 1),
        progressive: marker === 0xc2,
      };
      components = Array.from({ length: bytes[body + 5]! }, (_, index) => {
        const from = body + 6 + index * 3;
        return {
          id: bytes[from]!,
          horizontal: bytes[from + 1]! >> 4 || 1,
          vertical: bytes[from + 1]! & 15 || 1,
          dc: noCodes,
          ac: noCodes,
        };
      });
      for (const { id } of components) missing.set(id, { first: 1, others: new Uint8Array(64).fill(1) });
    } else if (marker === 0xda) {
      const count = bytes[body]!;
      const inScan = Array.from({ length: count }, (_, index) => {
        const id = bytes[body + 1 + index * 2]!;
        const which = bytes[body + 2 + index * 2]!;
        const found = components.find((component) => component.id === id);
        if (!found) throw new Ended();
        return {
          ...found,
          dc: tables.get(which >> 4) ?? noCodes,
          ac: tables.get(16 + (which & 15)) ?? noCodes,
        };
      });
      if (frame.progressive) {
        const [from = 0, to = 0, bits = 0] = bytes.subarray(body + 1 + count * 2, body + 4 + count * 2);
        for (const { id } of inScan) {
          const open = missing.get(id)!;
          if (from === 0) open.first = bits & 15;
          else open.others.fill(bits & 15, from, to + 1);
        }
        at = nextMarker(bytes, at);
      } else {
        at = followScan(bytes, at, inScan, { ...frame, components, interval });
        scanned += count;
      }
    }
  }
  if (!frame.progressive) return components.length > 0 && scanned >= components.length;
  return [...missing.values()].every(
    ({ first, others }) => first === 0 && others.subarray(1).every((bits) => bits === 0),
  );
}

/** Where the next marker begins that is none of a scan's own. */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at++) {
    const next = bytes[at + 1]!;
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

function readTables(body: Uint8Array, tables: Map<number, Codes>): void {
  for (let at = 0; at + 17 <= body.length;) {
    const counts = body.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const key = (body[at]! >> 4) * 16 + (body[at]! & 15);
    tables.set(key, { counts, values: body.subarray(at + 17, at + 17 + total) });
    at += 17 + total;
  }
}

/** Follows the codes of all blocks. @returns where the next marker is expected @throws Ended */
function followScan(
  bytes: Uint8Array,
  start: number,
  inScan: Component[],
  frame: { width: number; height: number; components: Component[]; interval: number },
): number {
  const widest = Math.max(...frame.components.map(({ horizontal }) => horizontal));
  const tallest = Math.max(...frame.components.map(({ vertical }) => vertical));
  const [only] = inScan;
  const alone = inScan.length === 1 && only !== undefined;
  const units = (side: number, share: number, most: number) =>
    alone ? Math.ceil(Math.ceil((side * share) / most) / 8) : Math.ceil(side / (8 * most));
  const count =
    units(frame.width, only?.horizontal ?? 1, widest) * units(frame.height, only?.vertical ?? 1, tallest);
  const bits = new Bits(bytes, start);
  for (let unit = 0; unit < count; unit++) {
    if (frame.interval > 0 && unit > 0 && unit % frame.interval === 0) bits.restart();
    for (const { horizontal, vertical, dc, ac } of inScan) {
      const blocks = alone ? 1 : horizontal * vertical;
      for (let block = 0; block < blocks; block++) {
        bits.skip(bits.code(dc) & 15);
        for (let coefficient = 1; coefficient < 64; coefficient++) {
          const value = bits.code(ac);
          const size = value & 15;
          if (size === 0 && value >> 4 !== 15) break;
          coefficient += value >> 4;
          bits.skip(size);
        }
      }
    }
  }
  return nextMarker(bytes, bits.at);
}

/** Bits of entropy-coded data, without the zero that follows each 255. */
class Bits {
  #buffer = 0;
  #left = 0;
  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
  ) {}

  /** The value of the next code word. @throws Ended */
  code({ counts, values }: Codes): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 0; length < 16; length++) {
      code = (code << 1) | this.#bit();
      const here = counts[length]!;
      if (code - first < here) return values[index + code - first]!;
      index += here;
      first = (first + here) << 1;
    }
    throw new Ended();
  }

  skip(bits: number): void {
    for (let bit = 0; bit < bits; bit++) this.#bit();
  }

  /** Goes on after a restart mark. @throws Ended where there is none */
  restart(): void {
    this.#left = 0;
    while (this.bytes[this.at] === 0xff && this.bytes[this.at + 1] === 0xff) this.at++;
    const mark = this.bytes[this.at + 1] ?? 0;
    if (this.bytes[this.at] !== 0xff || mark < 0xd0 || mark > 0xd7) throw new Ended();
    this.at += 2;
  }

  #bit(): number {
    if (this.#left === 0) {
      if (this.at >= this.bytes.length) throw new Ended();
      this.#buffer = this.bytes[this.at++]!;
      this.#left = 8;
      if (this.#buffer === 0xff) {
        if (this.bytes[this.at] !== 0) throw new Ended();
        this.at++;
      }
    }
    return (this.#buffer >> --this.#left) & 1;
  }
}
