/** ONNX files with anything in them: each is read, or refused as such; nothing else is thrown. */
import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readOwn } from './own.ts';
import { OnnxDraft, smallFile } from './testing-onnx.ts';
import { isRefusal } from './testing-refusal.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'random-onnx-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(bytes: Uint8Array) {
  const path = join(folder, 'net.onnx');
  await writeFile(path, bytes);
  return readOwn(path, { pixels: '0..1' });
}

describe('any file', () => {
  const whole = smallFile();

  test('that is cut off, or has other bytes, is read or refused', async () => {
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (changes, cut) => {
          const bytes = Buffer.from(cut ? whole.subarray(0, changes[0]!.at) : whole);
          if (!cut) for (const { at, byte } of changes) bytes[at] = byte;
          await read(bytes).then(
            ({ description }) => expect(description.layers.length).toBeGreaterThan(0),
            isRefusal,
          );
        },
      ),
      { numRuns: 600 },
    );
  });

  test('whose nodes are put together at random is read or refused', async () => {
    const opType = fc.constantFrom(
      ...(
        'Conv Relu Add Mul Div Concat Gemm MatMul Flatten Transpose Clip Sigmoid ' +
        'GlobalAveragePool MaxPool Reshape Squeeze Unsqueeze ReduceMean ' +
        'LayerNormalization Cast Dropout Constant Erf HardSigmoid'
      ).split(' '),
    );
    const names = ['image', 't0', 't1', 't2', 't3', 't4', 'w', 'v', 's', 'i', ''];
    const node = fc.record({
      opType,
      input: fc.array(fc.constantFrom(...names), { maxLength: 5 }),
      settings: fc.dictionary(
        fc.constantFrom(...'axis axes perm pads strides kernel_shape group keepdims alpha to'.split(' ')),
        fc.oneof(
          fc.integer({ min: -3, max: 5 }),
          fc.array(fc.integer({ min: -2, max: 4 }), { maxLength: 4 }),
        ),
        { maxKeys: 3 },
      ),
    });
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(node, { minLength: 1, maxLength: 5 }), async (nodes) => {
        const draft = new OnnxDraft();
        draft.input('image', [1, 3, 9, 9]);
        draft.weights('w', [4, 3, 3, 3]);
        draft.weights('v', [4]);
        draft.floats('s', [], [6]);
        draft.integers('i', [2, 3]);
        nodes.forEach(({ opType: kind, input, settings }, at) => draft.node(kind, input, settings, `t${at}`));
        await read(draft.encode(`t${nodes.length - 1}`)).then(() => void (kept += 1), isRefusal);
      }),
      { numRuns: 1500 },
    );
    expect(kept).toBeGreaterThan(0);
  });

  test('of random bytes is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        await expect(read(bytes)).rejects.toSatisfy((error) => {
          isRefusal(error);
          return true;
        });
      }),
      { numRuns: 300 },
    );
  });
});
