/** bfloat16: who is offered it and why not, the bytes that ask for it, and that TensorFlow's optimiser obeys them. */
import * as tf from '@tensorflow/tfjs';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { AtelierError } from '#contract/errors.ts';
import { currentTensorFlow, registerTensorFlowBackend } from './backend.ts';
import { bfloat16Obstacle } from './bfloat16.ts';
import { TensorFlowBinding } from './binding.ts';
import { encodeFunctionConfig, openContext } from './context.ts';
import { openEngine } from './engine.ts';
import { openLibrary } from './ffi.ts';
import { searchTensorFlow } from './locate.ts';
import { trace } from './trace.ts';

describe('bfloat16Obstacle', () => {
  const cpuInfo = (flags: string) => `processor\t: 0\nflags\t\t: fpu sse2 ${flags} avx2\nbogomips\t: 5000\n`;
  const linux = {
    usesGpu: false,
    platform: 'linux' as const,
    arch: 'x64',
    cpuInfo: cpuInfo('avx512_bf16'),
    oneDnn: '1',
  };
  test.each([
    ['AVX-512 BF16', {}],
    ['AMX', { cpuInfo: cpuInfo('avx512f amx_bf16 amx_tile') }],
    ['oneDNN by default', { oneDnn: undefined }],
  ])('none with %s', (_, change) => {
    expect(bfloat16Obstacle({ ...linux, oneDnn: undefined, ...change })).toBeNull();
  });
  test.each([
    ['a processor without it', { cpuInfo: cpuInfo('avx512f avx512_bf16x') }, /no instructions .*avx512_bf16/],
    ['a text without flags', { cpuInfo: 'processor : 0\n' }, /no instructions/],
    ['a GPU', { usesGpu: true }, /on CPUs alone.*uses a GPU/],
    ['macOS', { platform: 'darwin' as const, arch: 'arm64', cpuInfo: null }, /not on darwin \(arm64\)/],
    ['Windows', { platform: 'win32' as const, cpuInfo: null }, /not on win32 \(x64\)/],
    ['oneDNN turned off', { oneDnn: '0' }, /TF_ENABLE_ONEDNN_OPTS turns off/],
  ])('a sentence for %s', (_, change, reason) => {
    expect(bfloat16Obstacle({ ...linux, ...change })).toMatch(reason);
  });
});

/** Reads a protocol buffer of varints and nested messages by its wire format, knowing nothing of its fields. */
function decode(bytes: Uint8Array): Map<number, (number | Uint8Array)[]> {
  const fields = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const kind = tag % 8;
    expect([0, 2]).toContain(kind);
    const number = varint();
    const value = kind === 0 ? number : bytes.slice(at, (at += number));
    fields.set(tag >>> 3, [...(fields.get(tag >>> 3) ?? []), value]);
  }
  return fields;
}

describe('encodeFunctionConfig', () => {
  test('bfloat16 turns on auto_mixed_precision_onednn_bfloat16 and nothing else', () => {
    let fields = decode(encodeFunctionConfig('bfloat16')!);
    // AttrValue.s, ConfigProto.graph_options, GraphOptions.rewrite_options, each alone.
    for (const field of [2, 10, 10]) {
      expect([...fields.keys()]).toEqual([field]);
      fields = decode(fields.get(field)![0] as Uint8Array);
    }
    expect([...fields]).toEqual([[31, [1]]]);
  });

  test('float32 asks for no rewriting', () => expect(encodeFunctionConfig('float32')).toBeNull());

  test("the field numbers are those of TensorFlow's own descriptors", () => {
    const { located } = searchTensorFlow();
    const { folder, files } = located!;
    const library = readFileSync(join(folder, files.framework ?? files.cc));
    // FieldDescriptorProto: name (1), number (3), label (4).
    for (const [name, number] of [
      ['auto_mixed_precision_onednn_bfloat16', 31],
      ['rewrite_options', 10],
    ] as const) {
      const field = Buffer.from([10, name.length, ...Buffer.from(name), 24, number, 32, 1]);
      expect(library.includes(field), name).toBe(true);
    }
  });
});

describe('TensorFlow', () => {
  const logPath = 'TF_AUTO_MIXED_PRECISION_GRAPH_REWRITE_LOG_PATH';
  afterEach(() => delete process.env[logPath]);

  test('rewrites a traced function to bfloat16 where the context says so, and answers alike', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bfloat16-'));
    const library = openLibrary(searchTensorFlow().located!);
    const x = Float32Array.from({ length: 64 * 64 }, (_, i) => Math.sin(i));
    const product = async (precision: 'float32' | 'bfloat16') => {
      const binding = new TensorFlowBinding(
        library,
        openContext(library, { device: 'cpu', threads: 1, precision }),
      );
      await registerTensorFlowBackend(binding);
      expect(currentTensorFlow()).not.toBeNull();
      const values = tf.tidy(() => {
        const square = tf.tensor2d(x, [64, 64]);
        const step = trace(
          (a) => {
            const b = tf.matMul(a as tf.Tensor2D, a as tf.Tensor2D, false, true);
            return [tf.matMul(tf.relu(b), tf.add(b, 1) as tf.Tensor2D)];
          },
          () => [],
        );
        const result = step(square)[0]!.dataSync().slice();
        step.dispose();
        return result;
      });
      tf.removeBackend('tensorflow');
      binding.close();
      return values;
    };
    const exact = await product('float32');
    process.env[logPath] = folder;
    const rounded = await product('bfloat16');
    const files = readdirSync(folder).filter((name) => /^graphdef_AutoMixedPrecision.*\.txt$/.test(name));
    expect(files.length).toBeGreaterThan(0);
    expect(files.map((name) => readFileSync(join(folder, name), 'utf8')).join()).toMatch(/CastToBf16/);
    const largest = Math.max(...exact.map(Math.abs));
    const difference = Math.max(...exact.map((value, i) => Math.abs(value - rounded[i]!)));
    // Eight bits of mantissa, a sum of 64: near, and yet not the same.
    expect(difference / largest).toBeLessThan(0.05);
    expect(difference).toBeGreaterThan(0);
    rmSync(folder, { recursive: true });
  });

  test('names its precision, and why bfloat16 cannot be had; asked for it then, it refuses and holds nothing', async () => {
    const engine = await openEngine({ prefer: 'tensorflow', threads: 1 });
    const { precision, bfloat16 } = engine.info;
    expect(precision).toBe('float32');
    expect(bfloat16).toBe(bfloat16Obstacle({ usesGpu: engine.info.device.includes('GiB') }));
    const other = await openEngine({ precision: 'bfloat16' }).catch((error: unknown) => error);
    expect(other).toMatchObject({ code: 'ENGINE_FAILED' });
    expect((other as AtelierError).message).toMatch(/asked for in bfloat16, but .* in float32/);
    const same = await openEngine({ precision: 'float32' });
    same.close();
    engine.close();

    if (bfloat16 === null) {
      const reopened = await openEngine({ prefer: 'tensorflow', precision: 'bfloat16' });
      expect(reopened.info.precision).toBe('bfloat16');
      reopened.close();
    } else {
      await expect(openEngine({ precision: 'bfloat16' })).rejects.toMatchObject({
        code: 'ENGINE_FAILED',
        message: `bfloat16 was asked for, but cannot be had here: ${bfloat16} Train in float32.`,
      });
      const again = await openEngine({ prefer: 'tensorflow' });
      expect(again.info.precision).toBe('float32');
      again.close();
    }
  });

  test('wasm never has it, and says so', async () => {
    const engine = await openEngine({ prefer: 'wasm' });
    expect(engine.info).toMatchObject({ precision: 'float32', bfloat16: 'wasm computes in float32 alone.' });
    engine.close();
    await expect(openEngine({ prefer: 'wasm', precision: 'bfloat16' })).rejects.toThrow(/float32 alone/);
  });
});
