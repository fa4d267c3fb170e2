/**
 * Finds hashes of 64 bits that are alike among many in nearly linear time: multi-index hashing (Norouzi, Punjani and Fleet 2012), and
 * of each part of a hash the bits that are least sure are also looked up the other way round (Lv et al. 2007). What the bits stand for is
 * left to the caller.
 */
import { bitCount, hashBits, signsOf } from './perceptual-hash.ts';

interface Part {
  first: number;
  bits: number;
  /** Where the members with a key begin; one more than there are keys. */
  starts: Uint32Array;
  /** Beside each other, as they are read: the places, and both words of their hashes. */
  members: Int32Array;
  words: Uint32Array;
}

/** Bits of a part: so many that its keys are about as many as there are hashes, and no table is larger than it need be. */
const partBits = (count: number) => Math.min(16, Math.max(8, Math.floor(Math.log2(Math.max(2, count)))));

export class HashIndex {
  readonly #parts: Part[] = [];
  /** Bits of a part that are looked up both ways: 2ⁿ look-ups. */
  readonly #unsure: number;
  readonly #order: number[] = [];
  readonly #keys: Uint32Array;

  /** @param hashes [n, 2] */
  constructor(hashes: Uint32Array, unsure = 4) {
    const parts = Math.ceil(hashBits / partBits(hashes.length / 2));
    this.#unsure = unsure;
    this.#keys = new Uint32Array(2 ** unsure);
    for (let part = 0; part < parts; part++) {
      const first = Math.floor((part * hashBits) / parts);
      const bits = Math.floor(((part + 1) * hashBits) / parts) - first;
      this.#parts.push(tableOf(hashes, first, bits));
    }
  }

  /**
   * Calls `found` with the place of each hash, and by how many bits it is apart, that shares a part with that of the sketch, bits that are least sure aside, and differs in
   * at most `distance` bits altogether. A place may come several times.
   * @param sketch 64 numbers, whose signs are the hash and whose sizes say how sure they are
   */
  find(sketch: Float32Array, distance: number, found: (place: number, apart: number) => void): void {
    const [low, high] = [signsOf(sketch, 0, 0), signsOf(sketch, 0, 1)];
    for (const part of this.#parts) {
      this.#keysOf(part, sketch, low, high);
      for (const key of this.#keys) {
        const end = part.starts[key + 1]!;
        for (let at = part.starts[key]!; at < end; at++) {
          const away = bitCount(part.words[2 * at]! ^ low) + bitCount(part.words[2 * at + 1]! ^ high);
          if (away <= distance) found(part.members[at]!, away);
        }
      }
    }
  }

  #keysOf({ first, bits }: Part, sketch: Float32Array, low: number, high: number): void {
    const order = this.#order;
    order.length = 0;
    // The least sure ones, kept sorted: they are few.
    for (let bit = 0; bit < bits; bit++) {
      const size = Math.abs(sketch[first + bit]!);
      let place = order.length;
      while (place > 0 && Math.abs(sketch[first + order[place - 1]!]!) > size) place--;
      if (place === this.#unsure) continue;
      order.splice(place, 0, bit);
      if (order.length > this.#unsure) order.pop();
    }
    const key = keyOf(low, high, first, bits);
    for (let subset = 0; subset < this.#keys.length; subset++) {
      let flipped = key;
      for (let at = 0; at < order.length; at++) if (subset & (1 << at)) flipped ^= 1 << order[at]!;
      this.#keys[subset] = flipped;
    }
  }
}

function keyOf(low: number, high: number, first: number, bits: number): number {
  const mask = 2 ** bits - 1;
  if (first >= 32) return (high >>> (first - 32)) & mask;
  const below = low >>> first;
  return (first + bits > 32 ? below | (high << (32 - first)) : below) & mask;
}

function tableOf(hashes: Uint32Array, first: number, bits: number): Part {
  const count = hashes.length / 2;
  const key = (place: number) => keyOf(hashes[2 * place]!, hashes[2 * place + 1]!, first, bits);
  const starts = new Uint32Array(2 ** bits + 1);
  for (let place = 0; place < count; place++) starts[key(place) + 1]!++;
  for (let at = 1; at < starts.length; at++) starts[at]! += starts[at - 1]!;
  const next = starts.slice();
  const members = new Int32Array(count);
  const words = new Uint32Array(2 * count);
  for (let place = 0; place < count; place++) {
    const at = next[key(place)]!++;
    members[at] = place;
    words[2 * at] = hashes[2 * place]!;
    words[2 * at + 1] = hashes[2 * place + 1]!;
  }
  return { first, bits, starts, members, words };
}
