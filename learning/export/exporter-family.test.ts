/** One harness for every format of contract/exporters.ts: a new one is a line in `modelIn`, and the compiler asks for it. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import proto from 'onnx-proto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ExportFormat, exporters } from '#contract/exporters.ts';
import { type StreamFile, streamDurably } from '#learning/files/durable-file.ts';
import { type Engine, openEngine } from '#learning/tensorflow/engine.ts';
import { exportRun } from './export-run.ts';
import { parityTolerance, proveParity } from './parity.ts';
import { readBundle } from './read-bundle.ts';
import { exportInputOf, type Sample, sampleNetwork, variedLayers } from './testing.ts';

/** How somebody finds the model and the names of its classes in what was written. */
const modelIn: Record<ExportFormat, (path: string) => Promise<{ model: Uint8Array; classes: string[] }>> = {
  bundle: readBundle,
  onnx: async (path) => {
    const model = await readFile(path);
    const { metadataProps } = proto.onnx.ModelProto.decode(model);
    const classes = metadataProps.find(({ key }) => key === 'classes')!.value!;
    return { model, classes: JSON.parse(classes) as string[] };
  },
};

const hostile = ['../../etc/passwd', '=cmd()', '\u202e<b>\u001b[31m"\n\'\\', '名前 🎨'];

let engine: Engine;
let sample: Sample;
let folder: string;
beforeAll(async () => {
  engine = await openEngine();
  sample = { ...(await sampleNetwork(variedLayers, { classCount: 4, images: 30 })), classes: hostile };
});
afterAll(() => engine.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-exporter-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('no two have one key or say nothing of themselves', () => {
  expect(new Set(exporters.map(({ key }) => key)).size).toBe(exporters.length);
  for (const { label, help, extension } of exporters) {
    expect(label).toMatch(/^[A-Z]\S.*[^.]$/);
    expect(help).toMatch(/^[A-Z].{30,}\.$/);
    expect(extension).toMatch(/^[a-z0-9]{1,16}$/);
  }
});

describe.each(exporters)('$key', ({ key, extension }) => {
  const inputOf = () => exportInputOf(sample, join(folder, `run.${extension}`));
  const before = async (path: string) => {
    await writeFile(path, 'before');
    return async () => {
      expect(await readFile(path, 'utf8')).toBe('before');
      expect(await readdir(folder)).toEqual([`run.${extension}`]);
    };
  };

  test('gives the model back: another runtime reads it and answers within the tolerance; every name survives', async () => {
    const input = inputOf();
    const told = await exportRun(key, input);
    const { model, classes } = await modelIn[key](input.path);
    expect(classes).toEqual(hostile);
    const parity = await proveParity(model, sample.golden);
    expect(parity).toMatchObject({ passed: true, images: 30, labelFlips: 0, tolerance: parityTolerance });
    expect(told).toMatchObject({ format: key, parity });
  });

  test('is one file, of the size and digest that it tells', async () => {
    const input = inputOf();
    const { bytes, sha256, files } = await exportRun(key, input);
    const written = await readFile(input.path);
    expect([written.length, createHash('sha256').update(written).digest('hex')]).toEqual([bytes, sha256]);
    expect(await readdir(folder)).toEqual([`run.${extension}`]);
    expect(files.length).toBeGreaterThan(0);
  });

  test('is the same, byte for byte, in any time zone', async () => {
    const input = inputOf();
    const zone = process.env.TZ;
    const digests = new Set<string>();
    for (const TZ of ['UTC', 'Pacific/Kiritimati', 'America/St_Johns']) {
      process.env.TZ = TZ;
      digests.add((await exportRun(key, input)).sha256!);
    }
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
    expect(digests.size).toBe(1);
  });

  test('leaves what was there where the answers differ', async () => {
    const input = inputOf();
    const asBefore = await before(input.path);
    const goldenProbabilities = input.goldenProbabilities.map((value, index) =>
      index === 40 ? value + 0.01 : value,
    );
    await expect(exportRun(key, { ...input, goldenProbabilities })).rejects.toMatchObject({
      code: 'PARITY_FAILED',
      details: { images: 30, largestDifference: expect.closeTo(0.01, 4) as number, tolerance: 1e-4 },
    });
    await asBefore();
  });

  test('leaves what was there where it is cancelled: before it begins, and after the last image was compared', async () => {
    const input = inputOf();
    const asBefore = await before(input.path);
    const cancelled = { code: 'CANCELLED' };
    await expect(exportRun(key, { ...input, signal: AbortSignal.abort() })).rejects.toMatchObject(cancelled);
    await asBefore();
    const late = new AbortController();
    const compared = exportRun(key, { ...input, signal: late.signal, onProgress: () => late.abort() });
    await expect(compared).rejects.toMatchObject(cancelled);
    await asBefore();
  });

  test('is not put in place where what is read back is not what was written', async () => {
    const input = inputOf();
    const asBefore = await before(input.path);
    const rotten: StreamFile = async (path, parts, options) => {
      async function* spoilt() {
        const received: Uint8Array[] = [];
        for await (const part of parts) received.push(part);
        const bytes = Buffer.concat(received);
        bytes[Math.floor(bytes.length / 2)]! ^= 1;
        yield bytes;
      }
      await streamDurably(path, spoilt(), options);
    };
    await expect(exportRun(key, input, rotten)).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' });
    await asBefore();
  });

  test('says where it cannot be written', async () => {
    const input = { ...inputOf(), path: join(folder, 'nowhere', `run.${extension}`) };
    await expect(exportRun(key, input)).rejects.toMatchObject({ code: 'FILE_NOT_WRITABLE' });
  });

  test('removes what killed exports to the same place left, and nothing else', async () => {
    const input = inputOf();
    const name = `run.${extension}`;
    const others = [
      `${name}.part`,
      `${name}.tmp`,
      `other.${extension}.0123456789ab.part`,
      `${name}.0123456789ab.part.txt`,
    ];
    for (const other of [...others, `${name}.0123456789ab.part`])
      await writeFile(join(folder, other), 'left');
    await exportRun(key, input);
    expect((await readdir(folder)).sort()).toEqual([...others, name].sort());
  });
});
