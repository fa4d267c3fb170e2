/** Finding groups in a real project: progress is told, a cancel is heard, and names say what they say. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GroupBy } from '#contract/splits.ts';
import { OpenProject } from '../../project/project.ts';
import { fillWithFashion } from '../../testing-project.ts';
import type { Input } from '../protocol.ts';
import type { StepDone } from '../step-done.ts';
import { groupImages } from './group-images.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-group-images-'));
  const project = await OpenProject.create(join(folder, 'p.atelier'), undefined, 'test');
  path = project.path;
  await fillWithFashion(path);
  await project.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inputOf = (by: object, more: Partial<Input<'group-images'>> = {}): Input<'group-images'> => ({
  ...{ project: path, lastItemId: 2500, by: GroupBy.parse(by), table: null, keys: [], origin: null },
  ...more,
});
const { signal } = new AbortController();
const quiet = { emit: () => undefined, signal };

it('groups by names without looking at a picture', async () => {
  const found = await groupImages(
    inputOf({ lookAlikes: false, key: { kind: 'pattern', pattern: String.raw`(\d\d)\d\d$` } }),
    quiet,
  );
  expect(found).toMatchObject({ seenBy: 'pictures', lastItemId: 2500, pairs: [], keys: [] });
  expect(new Set(found.members.map(([, group]) => group)).size).toBe(20);
  // Those of the test part count with fewer digits.
  expect(found.members).toHaveLength(2000);
  const known = await groupImages(
    inputOf(
      { lookAlikes: false, key: { kind: 'column', column: 'x' } },
      {
        keys: [
          [3, 'a'],
          [9, 'a'],
          [11, 'b'],
        ],
      },
    ),
    quiet,
  );
  expect(known.members.map(([id]) => id)).toEqual([3, 9]);
  expect(known.keys).toHaveLength(3);
});

it('tells how far it is, and stops where it is cancelled', async () => {
  const told: StepDone[] = [];
  const cancel = new AbortController();
  const work = groupImages(inputOf({}), {
    signal: cancel.signal,
    emit(event) {
      told.push(event);
      if (event.unit === 'images compared') cancel.abort();
    },
  });
  await expect(work).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(told.map(({ unit }) => unit)).toContain('images looked at');
  expect(told.every(({ done, total }) => total === 2500 && done <= 2500)).toBe(true);
});
