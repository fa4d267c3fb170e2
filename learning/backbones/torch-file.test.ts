/** Files of PyTorch weights: a small one made by hand, byte by byte, and what is refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { readTorchFile } from './torch-file.ts';

const text = (value: string) => Buffer.from(value, 'latin1');
const unicode = (value: string) => {
  const bytes = Buffer.from(value);
  const head = Buffer.from([0x58, 0, 0, 0, 0]);
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};
const small = (value: number) => Buffer.from([0x4b, value]);
const tuple = (...values: Buffer[]) => Buffer.concat([text('('), ...values, text('t')]);
const pickle = (...parts: Buffer[]) => Buffer.concat([text('\x80\x02'), ...parts, text('.')]);

const head = [
  Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex'),
  pickle(Buffer.from([0x4d, 0xe9, 0x03])),
  pickle(text('}'), unicode('little_endian'), text('\x88s')),
];
/** A tensor of the storage "7" with six numbers. */
const tensor = (offset: number, shape: number[], strides: number[]) =>
  Buffer.concat([
    text('ctorch._utils\n_rebuild_tensor_v2\n'),
    tuple(
      Buffer.concat([
        tuple(
          unicode('storage'),
          text('ctorch\nFloatStorage\n'),
          unicode('7'),
          unicode('cpu'),
          small(6),
          text('N'),
        ),
        text('Q'),
      ]),
      small(offset),
      tuple(...shape.map(small)),
      tuple(...strides.map(small)),
      text('\x89'),
      text('ccollections\nOrderedDict\n)R'),
    ),
    text('R'),
  ]);
const storage = Buffer.alloc(8 + 24);
storage.writeBigInt64LE(6n);
[0, 1, 2, 3, 4, 5].forEach((value, at) => storage.writeFloatLE(value, 8 + 4 * at));
const file = (...tensors: [string, Buffer][]) =>
  Buffer.concat([
    ...head,
    pickle(
      text('ccollections\nOrderedDict\n)R('),
      ...tensors.flatMap(([name, value]) => [unicode(name), value]),
      text('u'),
    ),
    pickle(text(']('), unicode('7'), text('e')),
    storage,
  ]);

describe('readTorchFile', () => {
  test('puts numbers into the order of the shape, whatever the strides', () => {
    const tensors = readTorchFile(
      file(
        ['rows', tensor(0, [2, 3], [3, 1])],
        ['columns', tensor(0, [3, 2], [1, 3])],
        ['part', tensor(2, [2], [2])],
      ),
    );
    expect([...tensors].map(([name, { shape, data }]) => [name, shape, [...(data as Float32Array)]])).toEqual(
      [
        ['rows', [2, 3], [0, 1, 2, 3, 4, 5]],
        ['columns', [3, 2], [0, 3, 1, 4, 2, 5]],
        ['part', [2], [2, 4]],
      ],
    );
  });

  test.each([
    ['a name that runs something', [['x', text('cos\nsystem\n(X\x02\x00\x00\x00lstR')]], 'only tensors'],
    ['numbers outside the storage', [['x', tensor(0, [7], [1])]], 'at most 6 numbers'],
    ['a stride too few', [['x', tensor(0, [2, 3], [1])]], 'a stride for each side'],
  ] as [string, [string, Buffer][], string][])('refuses %s', (_title, tensors, message) => {
    expect(() => readTorchFile(file(...tensors))).toThrow(message);
  });

  test('a file that is cut off or has other bytes is read or refused in words, and nothing else', () => {
    const whole = file(['rows', tensor(0, [2, 3], [3, 1])]);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const bytes = cut ? whole.subarray(0, at) : Buffer.from(whole);
        if (!cut) bytes[at] = byte;
        try {
          readTorchFile(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(AtelierError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
