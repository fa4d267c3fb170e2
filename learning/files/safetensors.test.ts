import { AtelierError } from '#contract/errors.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeSafetensors,
  encodeSafetensors,
  encodeSafetensorsInTurns,
  type SafeTensor,
} from './safetensors.ts';

const numberOf = { F32: 4, I32: 4, I64: 8, U8: 1 } as const;
const arrays = { F32: Float32Array, I32: Int32Array, I64: BigInt64Array, U8: Uint8Array } as const;

/** Any bits at all, NaN payloads and negative zero among them. */
const tensor = fc
  .tuple(fc.constantFrom(...(['F32', 'I32', 'I64', 'U8'] as const)), fc.array(fc.nat(4), { maxLength: 4 }))
  .chain(([dtype, shape]) => {
    const length = shape.reduce((total, side) => total * side, numberOf[dtype] as number);
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes): SafeTensor => ({ dtype, shape, data: new arrays[dtype](bytes.slice().buffer) }));
  });
const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', '1', '0', 'a"b\\'),
);
const files = fc.tuple(
  fc.uniqueArray(
    fc.tuple(
      key.filter((name) => name !== '__metadata__'),
      tensor,
    ),
    {
      selector: ([name]) => name,
      maxLength: 6,
    },
  ),
  fc.dictionary(key, fc.string({ unit: 'grapheme' }), { maxKeys: 3, noNullPrototype: true }),
);
const bits = ({ dtype, shape, data }: SafeTensor) => [
  dtype,
  shape,
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
];

/** A file with this header text in front of this many bytes of data. */
function file(header: string, dataLength = 0, declared = BigInt(Buffer.byteLength(header))): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(declared);
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(dataLength)]);
}
const entry = (name: string, shape: unknown, offsets: unknown, dtype = 'F32') =>
  `"${name}":${JSON.stringify({ dtype, shape, data_offsets: offsets })}`;

describe('safetensors', () => {
  it('gives back every bit of every tensor, and aligns each', () => {
    fc.assert(
      fc.property(files, ([list, metadata]) => {
        const bytes = encodeSafetensors(new Map(list), metadata);
        const decoded = decodeSafetensors(bytes);
        expect([...decoded.tensors].map(([name, value]) => [name, ...bits(value)]).sort()).toEqual(
          list.map(([name, value]) => [name, ...bits(value)]).sort(),
        );
        expect(Object.entries(decoded.metadata)).toEqual(Object.entries(metadata));
        expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same bytes in turns, also where a tensor takes several', async () => {
    const long = { dtype: 'U8' as const, shape: [35_000_001], data: new Uint8Array(35_000_001).fill(7) };
    long.data[16 * 2 ** 20] = 8;
    const short = { dtype: 'I64' as const, shape: [2], data: BigInt64Array.of(3n, -4n) };
    const tensors = new Map<string, SafeTensor>([
      ['long', long],
      ['empty', { dtype: 'F32', shape: [0], data: new Float32Array(0) }],
      ['short', short],
    ]);
    const [whole, inTurns] = [
      encodeSafetensors(tensors, { a: 'b' }),
      await encodeSafetensorsInTurns(tensors, { a: 'b' }),
    ];
    expect(Buffer.compare(whole, inTurns)).toBe(0);
    const { tensors: read } = decodeSafetensors(inTurns);
    expect(Buffer.compare(read.get('long')!.data as Uint8Array, long.data)).toBe(0);
    expect(read.get('short')!.data).toEqual(short.data);
  });

  it('meets mutated bytes with the typed error or a file that is whole, never anything else', () => {
    const mutations = fc.array(
      fc.tuple(fc.constantFrom('set', 'cut', 'insert', 'digit'), fc.nat(), fc.nat(255)),
      { minLength: 1, maxLength: 4 },
    );
    let refused = 0;
    fc.assert(
      fc.property(files, mutations, ([list, metadata], changes) => {
        let bytes = encodeSafetensors(new Map(list), metadata);
        for (const [kind, position, value] of changes) {
          const at = bytes.length === 0 ? 0 : position % bytes.length;
          if (kind === 'cut') bytes = bytes.slice(0, at);
          else if (kind === 'insert')
            bytes = Uint8Array.from([...bytes.slice(0, at), value, ...bytes.slice(at)]);
          else if (bytes.length > 0) bytes[at] = kind === 'digit' ? 0x30 + (value % 10) : value;
        }
        try {
          for (const { dtype, shape, data } of decodeSafetensors(bytes).tensors.values()) {
            expect(data).toBeInstanceOf(arrays[dtype]);
            expect(data.length).toBe(shape.reduce((total, side) => total * side, 1));
          }
        } catch (error) {
          if (!(error instanceof AtelierError) || error.code !== 'CHECKPOINT_DAMAGED') throw error;
          refused += 1;
        }
      }),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  const whole = `{${entry('a', [2], [0, 8])},${entry('b', [1], [8, 12])}}`;
  it('reads what another writer wrote', () => {
    const { tensors, metadata } = decodeSafetensors(file(whole, 12));
    expect([...tensors.keys()]).toEqual(['a', 'b']);
    expect(metadata).toEqual({});
  });
  it('reads data that lies askew', () => {
    const header = `{${entry('a', [1], [0, 1], 'U8')},${entry('b', [], [1, 9], 'I64')}}`;
    expect(decodeSafetensors(file(header, 9)).tensors.get('b')!.data).toEqual(new BigInt64Array(1));
  });

  it.each([
    ['nothing', new Uint8Array(0), 'at least 8 bytes'],
    ['a header beyond the file', file('{}', 0, 3n), 'a header of at most 2 bytes'],
    ['a header of 2^64 - 1 bytes', file('{}', 0, 2n ** 64n - 1n), 'a header of at most 2 bytes'],
    ['a header past the cap', file('{}'.padEnd(17 * 1024 * 1024)), 'a header of at most 16777216 bytes'],
    ['bad JSON', file('{"a":}'), 'a header of JSON in UTF-8'],
    ['bad UTF-8', file('{"-":1}').fill(0xff, 10, 11), 'JSON in UTF-8'],
    ['brackets without end', file('['.repeat(1_000_000)), 'a header of JSON in UTF-8'],
    ['a list as header', file('[]'), 'a JSON object as header'],
    ['a number as entry', file('{"a":1}'), 'a description of "a"'],
    ['an unknown dtype', file(`{${entry('a', [1], [0, 2], 'F16')}}`, 2), 'a dtype of "a" among F32'],
    ['an inherited dtype', file(`{${entry('a', [1], [0, 2], 'toString')}}`, 2), 'a dtype of "a" among F32'],
    ['a negative side', file(`{${entry('a', [-1, -2], [0, 8])}}`, 8), 'a shape of "a"'],
    ['half a side', file(`{${entry('a', [0.5], [0, 2])}}`, 2), 'a shape of "a"'],
    ['a shape past all bounds', file(`{${entry('a', [2 ** 40, 2 ** 40, 0], [0, 0])}}`), 'that can be held'],
    ['one offset', file(`{${entry('a', [1], [0])}}`, 4), 'two data_offsets of "a"'],
    ['offsets back to front', file(`{${entry('a', [1], [4, 0])}}`, 4), '4 bytes of "a"'],
    ['offsets that do not fit the shape', file(`{${entry('a', [2], [0, 4])}}`, 4), '8 bytes of "a"'],
    ['offsets beyond the file', file(whole, 11), 'within the file'],
    ['overlap', file(`{${entry('a', [2], [0, 8])},${entry('b', [1], [4, 8])}}`, 8), '"b" to begin at 8'],
    ['a hole', file(`{${entry('a', [1], [0, 4])},${entry('b', [1], [8, 12])}}`, 12), '"b" to begin at 4'],
    ['bytes left over', file(whole, 13), '12 bytes of data'],
    ['one name twice', file(`{${entry('a', [1], [0, 4])},${entry('a', [1], [0, 4])}}`, 4), 'every key'],
    ['one name twice, written differently', file('{"__metadata__":{"a":"","\\u0061":""}}'), 'every key'],
    ['a number as metadata', file('{"__metadata__":{"a":1}}'), 'metadata that is text'],
  ])('refuses %s', (_, bytes, expected) => {
    expect(() => decodeSafetensors(bytes)).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_DAMAGED', message: expect.stringContaining(expected) }),
    );
  });

  it('refuses to write what it could not read', () => {
    const write = (name: string, value: SafeTensor) => () => encodeSafetensors(new Map([[name, value]]), {});
    expect(write('a', { dtype: 'F32', shape: [2], data: new Float32Array(3) })).toThrow('expects 2 elements');
    expect(write('a', { dtype: 'I32', shape: [2], data: new Float32Array(2) })).toThrow('of I32');
    expect(write('__metadata__', { dtype: 'U8', shape: [0], data: new Uint8Array(0) })).toThrow('reserved');
  });
});
