/** Features are asked for once, in the order of their rows, and read again afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OpenProject } from '../../project/project.ts';
import { fillWithFolder, writePicture } from '../../testing.ts';
import { openFeatureStore } from './feature-store.ts';

const count = 300;
const size = 3;
const framing = { height: 8, width: 8, channels: 3, fit: 'stretch' } as const;

let folder: string;
let path: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-feature-store-'));
  path = join(folder, 'p.atelier');
  for (let seed = 0; seed < count; seed++)
    await writePicture(join(folder, 'pictures', 'red', `${seed}.png`), { r: 200, g: 0, b: 0 }, { seed });
  const project = await OpenProject.create(path, undefined, 'test');
  await fillWithFolder(path, join(folder, 'pictures'));
  await project.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const store = () => openFeatureStore(path, framing, 1_000_000);
/** What a row's features are here. */
const featuresOf = (rows: Int32Array) => Float32Array.from(rows, (row) => row).map((row) => row / 2);
const repeated = (rows: Int32Array) =>
  Float32Array.from(
    { length: rows.length * size },
    (_, at) => featuresOf(rows)[Math.floor(at / size)]! + (at % size),
  );

it('asks for rows in their order, whatever the order of the question, and answers in that one', async () => {
  // Every third row first, as a drawn part of the images is.
  const asked = Int32Array.from({ length: count }, (_, at) => (at * 7) % count);
  const computed: number[][] = [];
  const answer = await store().read('a', asked, size, (rows) => {
    computed.push([...rows]);
    return Promise.resolve(repeated(rows));
  });
  expect(answer).toEqual(repeated(asked));
  expect(computed.length).toBeGreaterThan(1);
  expect(computed.flat()).toEqual(Array.from({ length: count }, (_, row) => row));
});

it('computes what is missing alone', async () => {
  const first = Int32Array.from([5, 2, 250]);
  await store().read('b', first, size, (rows) => Promise.resolve(repeated(rows)));
  const asked = Int32Array.from([250, 7, 5, 1, 2]);
  let missing: number[] = [];
  const answer = await store().read('b', asked, size, (rows, done) => {
    missing = [...rows];
    expect(done).toBe(3);
    return Promise.resolve(repeated(rows));
  });
  expect(missing).toEqual([1, 7]);
  expect(answer).toEqual(repeated(asked));
  const again = await store().read('b', asked, size, () => Promise.reject(new Error('nothing is missing')));
  expect(again).toEqual(answer);
});
