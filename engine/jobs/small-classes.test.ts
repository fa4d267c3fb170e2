/** What can be trained on few images: what an import and a start say of it, and what an evaluation leaves out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { partWarnings } from '#contract/part-warnings.ts';
import { presets } from '#recipe/presets.ts';
import { originalFiles } from '../images/storage/original-files.ts';
import type { ReadItem } from '../intake/importer.ts';
import { storeSource } from '../intake/store/store.ts';
import { OpenProject } from '../project/project.ts';
import { takeSnapshot } from '../project/snapshot.ts';
import { requireTrainable, trainableClasses } from './train.ts';
import { redraw } from '../project/testing-redraw.ts';

let folder: string;
let project: OpenProject;
/** Of images, over all that a test fills in. */
let number = 0;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-small-'));
  project = await OpenProject.create(join(folder, 'p.atelier'), undefined, 'test');
});
afterEach(async () => {
  await project.close();
  rmSync(folder, { recursive: true, force: true });
});

type Given = [className: string, part: ReadItem['part'], images: number, copies?: boolean];

async function fill(...given: Given[]): Promise<void> {
  const pack = join(folder, 'pack.part');
  writeFileSync(pack, '');
  const items = given.flatMap(([className, part, images, copies = false]) =>
    Array.from({ length: images }, (_, index): ReadItem => {
      number += 1;
      const content = copies ? number - index : number;
      return {
        name: `${number}.png`,
        className,
        part,
        width: 1,
        height: 1,
        hash: content.toString(16).padStart(32, '0'),
        position: 0,
        length: 0,
      };
    }),
  );
  const classes = [...new Set(given.map(([className]) => className))];
  const source = { storage: originalFiles, classes, items, skippedFiles: [], pack };
  (await storeSource(project.path, source, { location: folder, root: folder, startedAt: 0 })).commit();
  await project.followImport();
}

const codes = () => partWarnings(project.classes()).map(({ code }) => code);
const start = () => requireTrainable(project, presets.quick.recipe);
const fault = () => {
  try {
    start();
    return null;
  } catch (thrown) {
    return thrown;
  }
};

describe('small classes', () => {
  it('of two images are trained and validated, without a test part', async () => {
    await fill(...Array.from({ length: 60 }, (_, index): Given => [`c${index}`, 'pool', 2]));
    expect(project.summary().counts).toMatchObject({ train: 60, validation: 60, test: 0 });
    expect(codes()).toEqual(['NO_TEST_IMAGES']);
    expect(start().classes).toHaveLength(60);
  });

  it('of one image, or of copies of one, cannot be trained, and it is said what to do', async () => {
    await fill(['a', 'pool', 1], ['b', 'pool', 1]);
    expect(codes()).toContain('NO_VALIDATION_IMAGES');
    expect(fault()).toMatchObject({
      code: 'NOT_ENOUGH_DATA',
      message:
        'Expected training images of at least two classes, and validation images; received 2 such classes, 2 training and 0 validation images. No class has validation images, because each has a single training image, so nothing can be trained. Import at least two different images of each class.',
    });
    await fill(['a', 'pool', 5, true]);
    expect(fault()).toMatchObject({ code: 'NOT_ENOUGH_DATA' });
    await fill(['a', 'pool', 2], ['b', 'pool', 2]);
    expect(start().classes).toHaveLength(2);
  });

  it('whose part the source fixed as training are drawn from when asked for', async () => {
    await fill(['a', 'train', 10], ['b', 'train', 10]);
    expect(project.summary().counts).toMatchObject({ train: 20, validation: 0, test: 0, fixed: 20 });
    expect(fault()).toMatchObject({
      message: expect.stringMatching(/Redraw the parts with a share for validation/) as string,
    });
    await expect(redraw(project, 0.2, 1)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/ask that parts from the source are drawn too/) as string,
    });
    await redraw(project, 0.2, 1, { fixed: true });
    expect(project.summary().counts).toMatchObject({ train: 16, validation: 4, test: 0, fixed: 20 });
  });
});

describe('a class without training images', () => {
  it('is no output, and is named', async () => {
    await fill(['a', 'pool', 10], ['b', 'pool', 10], ['only tested', 'test', 3], ['a', 'test', 2]);
    expect(trainableClasses(project).map(({ name }) => name)).toEqual(['a', 'b']);
    const [warning] = partWarnings(project.classes());
    expect(warning).toMatchObject({ code: 'CLASSES_WITHOUT_TRAINING' });
    expect(warning!.text).toMatch(/^1 of 3 classes \("only tested"\) have no training images/);
  });

  it('does not count where two are needed, and its validation images are in no snapshot', async () => {
    await fill(['a', 'pool', 10], ['b', 'validation', 10]);
    expect(fault()).toMatchObject({
      code: 'NOT_ENOUGH_DATA',
      message: expect.stringMatching(
        /Only "a" has training images\. Import images of another class/,
      ) as string,
    });
    const outputs = trainableClasses(project).map(({ id }) => id);
    expect(takeSnapshot(project.columns, outputs).validation).toHaveLength(0);
  });
});
