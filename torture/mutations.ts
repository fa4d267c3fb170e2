/** Mutates files as fuzzers do, from a seed: bits and bytes, numbers that programs stumble over, cuts, repeats and foreign pieces. */

const bytesThatBreak = [0, 1, 0x22, 0x2c, 0x2e, 0x2f, 0x5c, 0x7f, 0x80, 0xff];
const numbersThatBreak = [0, 1, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 1_000_000, 20_000_000];
const textsThatBreak = [
  '"',
  '""',
  ';',
  '\n',
  '\r\n',
  '\t',
  '../',
  '..\\',
  '/',
  '\0',
  '\ufeff',
  '{',
  '}',
  '=cmd()',
  'é',
].map((text) => Buffer.from(text));

/**
 * @param random numbers in [0, 1)
 * @param foreign files that pieces are taken from
 * @returns the file with one to five changes
 */
export function mutate(bytes: Buffer, random: () => number, foreign: readonly Buffer[]): Buffer {
  const below = (count: number) => Math.floor(random() * count);
  const any = <T>(list: readonly T[]): T => list[below(list.length)]!;
  let changed = Buffer.from(bytes);
  const put = (at: number, removed: number, added: Buffer) =>
    Buffer.concat([changed.subarray(0, at), added, changed.subarray(at + removed)]);
  const ways: (() => void)[] = [
    () => void (changed[below(changed.length)]! ^= 1 << below(8)),
    () => void (changed[below(changed.length)] = any(bytesThatBreak)),
    () => void (changed[below(changed.length)] = below(256)),
    () => {
      if (changed.length < 4) return;
      const at = below(changed.length - 3);
      if (random() < 0.5) changed.writeUInt32BE(any(numbersThatBreak), at);
      else changed.writeUInt32LE(any(numbersThatBreak), at);
    },
    () => void (changed = Buffer.from(changed.subarray(0, below(changed.length + 1)))),
    () => void (changed = put(below(changed.length + 1), below(16), Buffer.alloc(0))),
    () => void (changed = put(below(changed.length + 1), 0, any(textsThatBreak))),
    () => {
      const from = any([changed, ...foreign]);
      const start = below(from.length + 1);
      changed = put(
        below(changed.length + 1),
        below(8),
        Buffer.from(from.subarray(start, start + below(64))),
      );
    },
    () => void (changed = put(below(changed.length + 1), 0, Buffer.alloc(below(300), any(bytesThatBreak)))),
  ];
  for (let times = 1 + below(5); times > 0; times -= 1) if (changed.length > 0) any(ways)();
  return changed;
}
