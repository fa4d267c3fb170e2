/** Event files, read back by protobufjs from TensorFlow's own message definitions, and checksums from RFC 3720. */
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import type { Epoch } from '#contract/run.ts';
import { epochOf } from '#contract/testing.ts';
import { crc32c, encodeEvents } from './tensorboard.ts';

/** From tensorflow/core/util/event.proto, framework/summary.proto, tensor.proto, tensor_shape.proto, types.proto. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Event { double wall_time = 1; int64 step = 2; oneof what { string file_version = 3; Summary summary = 5; } }
  message Summary { repeated Value value = 1;
    message Value { string node_name = 7; string tag = 1; SummaryMetadata metadata = 9;
      oneof value { float simple_value = 2; TensorProto tensor = 8; } } }
  message SummaryMetadata { PluginData plugin_data = 1;
    message PluginData { string plugin_name = 1; bytes content = 2; } }
  message TensorProto { int32 dtype = 1; TensorShapeProto tensor_shape = 2; repeated bytes string_val = 8; }
  message TensorShapeProto { repeated Dim dim = 2; message Dim { int64 size = 1; string name = 2; } }`);

interface Read {
  wallTime: number;
  step: number;
  fileVersion?: string;
  summary?: {
    value: {
      tag: string;
      simpleValue?: number;
      metadata?: { pluginData: { pluginName: string } };
      tensor?: { dtype: number; tensorShape: { dim: { size: number }[] }; stringVal: Buffer[] };
    }[];
  };
}

/** Bit by bit, in another way than the table of the file that is tested. */
function slowCrc32c(data: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of data)
    for (let bit = 0; bit < 8; bit += 1) {
      const odd = (crc ^ (BigInt(byte) >> BigInt(bit))) & 1n;
      crc = (crc >> 1n) ^ (odd ? 0x82f63b78n : 0n);
    }
  return Number(crc ^ 0xffffffffn);
}
const mask = (crc: number) =>
  Number((BigInt(((crc >>> 15) | (crc << 17)) >>> 0) + 0xa282ead8n) & 0xffffffffn);

function read(file: Uint8Array): Read[] {
  const bytes = Buffer.from(file);
  const type = root.lookupType('Event');
  const events: Read[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(mask(slowCrc32c(bytes.subarray(at, at + 8))));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(mask(slowCrc32c(data)));
    events.push(type.toObject(type.decode(data), { longs: Number }) as Read);
    at += 16 + length;
  }
  return events;
}

const epoch = (number: number, change: Partial<Epoch> = {}) =>
  epochOf(number, {
    ...{ trainLoss: 1 / number, trainAccuracy: 0.5, validationLoss: 2 / number, validationAccuracy: 0.25 },
    ...{ validationTopK: 0.75, validationMacroF1: 0.125 },
    ...{ learningRate: 2 ** -10, imagesPerSecond: 1000, seconds: 60 },
    ...change,
  });

describe('crc32c', () => {
  it.each([
    ['32 bytes of zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['32 rising bytes', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
    ['digits', Buffer.from('123456789'), 0xe3069283],
  ])('of %s', (_, data, expected) => expect(crc32c(data)).toBe(expected));
});

describe('an event file', () => {
  const texts = { note: 'Better with **crop**, ä', recipe: '{}' };
  const events = read(
    encodeEvents({
      startedAt: '2025-01-01T00:00:00Z',
      epochs: [epoch(1), epoch(300, { validationTopK: null, validationMacroF1: null, seconds: 30.5 })],
      texts,
    }),
  );
  const start = Date.UTC(2025, 0, 1) / 1000;

  it('begins with its version', () =>
    expect(events[0]).toEqual({ wallTime: start, step: 0, fileVersion: 'brain.Event:2' }));

  it('holds the texts', () => {
    const values = events.slice(1, 3).map(({ summary }) => summary!.value[0]!);
    for (const [index, [tag, text]] of Object.entries(texts).entries()) {
      const { tensor, metadata, ...rest } = values[index]!;
      expect(rest).toEqual({ tag: `${tag}/text_summary` });
      expect(metadata!.pluginData.pluginName).toBe('text');
      expect(tensor).toMatchObject({ dtype: 7, tensorShape: { dim: [{ size: 1 }] } });
      expect(tensor!.stringVal.map((bytes) => Buffer.from(bytes).toString('utf8'))).toEqual([text]);
    }
  });

  it('holds the scalars of each epoch, at its step and the time it ended', () => {
    expect(events).toHaveLength(5);
    expect(events.slice(3).map(({ step, wallTime }) => [step, wallTime])).toEqual([
      [1, start + 60],
      [300, start + 90.5],
    ]);
    const scalars = (at: number) =>
      Object.fromEntries(events[at]!.summary!.value.map(({ tag, simpleValue }) => [tag, simpleValue]));
    expect(scalars(3)).toEqual({
      'train/loss': 1,
      'train/accuracy': 0.5,
      'validation/loss': 2,
      'validation/accuracy': 0.25,
      'validation/top_k': 0.75,
      'validation/macro_f1': 0.125,
      learning_rate: 2 ** -10,
      images_per_second: 1000,
    });
    expect(scalars(4)).toMatchObject({ 'train/loss': Math.fround(1 / 300) });
    expect(Object.keys(scalars(4))).not.toContain('validation/top_k');
  });
});
