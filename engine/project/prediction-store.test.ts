import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  commitPredictions,
  discardPredictions,
  predictionFiles,
  removePredictions,
  stagedFiles,
  stageInputs,
} from './prediction-files.ts';
import { PredictionStore } from './prediction-store.ts';
import { writeArray } from './arrays.ts';
import type { Runs } from './runs.ts';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'atelier-answers-'))));
afterAll(() => rm(folder, { recursive: true }));

/** Two classes, two images; the answers of one evaluation after another differ. */
async function evaluate(first: number): Promise<void> {
  const staged = stagedFiles(folder, 'test');
  const numbers = Int32Array.of(first, 1);
  await stageInputs(staged, { itemIds: numbers, rows: numbers, labels: Int32Array.of(0, first % 2) });
  await writeArray(staged.predictions, Float32Array.of(0.25, 0.75, first / 100, 1 - first / 100));
  await commitPredictions(staged, folder, 'test');
  discardPredictions(staged);
}
/** As after a start of the studio. */
const read = () =>
  new PredictionStore({
    evaluatedAt: () => 'then',
    folderOf: () => folder,
    classesOf: () => [{}, {}],
  } as unknown as Runs).of('run-1', 'test');
const lost = {
  code: 'NOT_FOUND',
  message:
    'Expected the stored predictions of run-1 on the test part, but they are gone, cut short or damaged. Evaluate the run again.',
};

describe('stored predictions', () => {
  beforeEach(() => evaluate(5));
  const kinds = ['items', 'rows', 'labels', 'predictions', 'digests'] as const;

  it('are read as they were written, and leave no file of their making', async () => {
    expect((await read())!.probabilities).toEqual(Float32Array.of(0.25, 0.75, 0.05, 0.95));
    expect((await readdir(folder)).sort()).toEqual([
      'digests-test.json',
      'items-test.i32',
      'labels-test.i32',
      'predictions-test.f32',
      'rows-test.i32',
    ]);
    removePredictions(folder);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each(kinds)('are not believed where any byte of %s is another', async (kind) => {
    const path = predictionFiles(folder, 'test')[kind];
    const bytes = await readFile(path);
    for (let offset = 0; offset < bytes.length; offset += 1) {
      bytes[offset]! ^= 1 << (offset % 8);
      await writeFile(path, bytes);
      // JSON has more than one form of a key's case or a space, none of which a single bit makes.
      await expect(read()).rejects.toMatchObject(lost);
      bytes[offset]! ^= 1 << (offset % 8);
    }
    await writeFile(path, bytes);
    await read();
  });

  it('are not believed where a kill left files of two evaluations', async () => {
    const files = predictionFiles(folder, 'test');
    const before = new Map<string, Buffer>();
    for (const kind of kinds) before.set(kind, await readFile(files[kind]));
    await evaluate(6);
    // The digests and as many of the others as were put in place before it was killed.
    for (const kind of ['predictions', 'labels', 'rows', 'items'] as const) {
      await writeFile(files[kind], before.get(kind)!);
      await expect(read()).rejects.toMatchObject(lost);
    }
  });

  it('of before there were digests are read, if they are as long as they must be', async () => {
    await rm(predictionFiles(folder, 'test').digests);
    expect((await read())!.labels).toEqual(Int32Array.of(0, 1));
    await writeFile(predictionFiles(folder, 'test').labels, Buffer.alloc(4));
    await expect(read()).rejects.toMatchObject(lost);
  });
});

describe('two runs compared', () => {
  const classesOf: Record<string, number[]> = { 'run-1': [7, 8], 'run-2': [8, 7, 9] };
  const folders: Record<string, string> = {};
  const partVersions: Record<string, string | undefined> = {};
  /** @param labels and predicted: class ids of each item */
  async function keep(run: string, itemIds: number[], labels: number[], predicted: number[]): Promise<void> {
    const classes = classesOf[run]!;
    folders[run] = await mkdtemp(join(folder, run));
    const staged = stagedFiles(folders[run], 'test');
    await stageInputs(staged, {
      itemIds: Int32Array.from(itemIds),
      rows: Int32Array.from(itemIds),
      labels: Int32Array.from(labels, (id) => classes.indexOf(id)),
    });
    const rows = predicted.flatMap((id) => classes.map((other) => (other === id ? 1 : 0)));
    await writeArray(staged.predictions, Float32Array.from(rows));
    await commitPredictions(staged, folders[run], 'test');
    discardPredictions(staged);
  }
  const compare = () =>
    new PredictionStore({
      evaluatedAt: (run: string) => (folders[run] ? 'then' : null),
      evaluation: (run: string) => ({ partVersion: partVersions[run] }),
      folderOf: (run: string) => folders[run],
      classesOf: (run: string) => classesOf[run]!.map((id) => ({ id })),
    } as unknown as Runs).compare('run-1', 'run-2', 'test');

  it('is nothing until both are evaluated, and then of the images that both have, by class and not by place', async () => {
    await keep('run-1', [1, 2, 3, 4], [7, 7, 8, 8], [7, 8, 8, 7]);
    expect(await compare()).toBeNull();
    await keep('run-2', [2, 3, 4, 5], [7, 8, 8, 9], [7, 7, 7, 9]);
    expect(await compare()).toMatchObject({
      count: 3,
      fixed: 1,
      broken: 1,
      difference: 0,
      better: null,
      fixedItems: [2],
      brokenItems: [3],
    });
  });

  it('counts an image by the label that the later evaluation has', async () => {
    await keep('run-1', [1, 2], [7, 7], [7, 7]);
    await keep('run-2', [1, 2], [8, 7], [8, 7]);
    expect(await compare()).toMatchObject({
      ...{ count: 2, fixed: 1, broken: 0, fixedItems: [1] },
      otherLabels: { images: 1, older: 'A' },
    });
  });

  it('says whether both saw the same version of the part, where that was kept', async () => {
    await keep('run-1', [1], [7], [7]);
    await keep('run-2', [1], [7], [7]);
    expect(await compare()).toMatchObject({ sameVersion: null });
    partVersions['run-1'] = partVersions['run-2'] = 'a';
    expect(await compare()).toMatchObject({ sameVersion: true });
    partVersions['run-2'] = 'b';
    expect(await compare()).toMatchObject({ sameVersion: false });
  });
});
