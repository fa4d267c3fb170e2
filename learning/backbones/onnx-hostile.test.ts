/**
 * ONNX files that are damaged, made to do harm, or simply others: refused in words that say what to do, and nothing else. What is wrong
 * with a file is in onnx-hostile-cases.ts; files with anything in them are tried in onnx-random.test.ts.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cases } from './onnx-hostile-cases.ts';
import { type OwnOptions, readOwn } from './own.ts';
import { smallFile } from './testing-onnx.ts';
import { refused } from './testing-refusal.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hostile-onnx-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(bytes: Uint8Array, options: OwnOptions = { pixels: '0..1' }) {
  const path = join(folder, 'net.onnx');
  await writeFile(path, bytes);
  return readOwn(path, options);
}

describe('an ONNX file is refused', () => {
  test.each(cases)('with %s', async (_title, bytes, message) => {
    await refused(read(bytes()), message);
  });

  test('that is a folder, a pipe that nobody writes to, or not there', async () => {
    await mkdir(join(folder, 'folder.onnx'));
    execFileSync('mkfifo', [join(folder, 'pipe.onnx')]);
    for (const name of ['folder.onnx', 'pipe.onnx'])
      await expect(readOwn(join(folder, name), {})).rejects.toMatchObject({ code: 'BACKBONE_REFUSED' });
    await expect(readOwn(join(folder, 'none.onnx'), {})).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('what a file does not say is asked for', () => {
  test.each([
    ['pixels of a float input', {}, 'Give --pixels imagenet|0..1|-1..1|0..255, or --mean and --std'],
    [
      'as many numbers as channels',
      { pixels: { mean: [0, 0], std: [1] } },
      'Expected 1 or 3 numbers as mean',
    ],
    ['a std above 0', { pixels: { mean: [0], std: [0] } }, 'Expected a std above 0'],
    [
      'a tensor that is there',
      { pixels: '0..1', output: 'nowhere' },
      'Expected the name of a tensor or node of the file for --output, received "nowhere". Outputs of the file: "answer".',
    ],
    ['a name', { pixels: '0..1', name: '../up' }, 'Give one with --name.'],
  ] as [string, OwnOptions, string][])('%s', async (_title, options, message) => {
    await expect(read(smallFile(), options)).rejects.toMatchObject({
      code: 'BACKBONE_REFUSED',
      message: expect.stringContaining(message) as string,
    });
  });
});
