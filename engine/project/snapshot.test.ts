/** What a run was started on, when its files are not what was written. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSnapshot, writeSnapshot } from './snapshot.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'atelier-snapshot-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const snapshot = {
  lastItemId: 9,
  labels: Int32Array.of(0, 1, 1, 0),
  train: Int32Array.of(0, 1),
  validation: Int32Array.of(2, 3),
};

it('is read as it was written, and leaves no other files', async () => {
  expect(await readSnapshot(folder)).toBeNull();
  await writeSnapshot(folder, snapshot);
  expect(await readSnapshot(folder)).toEqual(snapshot);
  expect(readdirSync(folder).length).toBe(4);
});

it.each(['labels.i32', 'train.i32', 'validation.i32', 'snapshot.json'])(
  'is refused where %s is cut short or gone',
  async (name) => {
    await writeSnapshot(folder, snapshot);
    truncateSync(join(folder, name), 4);
    await expect(readSnapshot(folder)).rejects.toMatchObject({ code: 'PROJECT_DAMAGED' });
    rmSync(join(folder, name));
    if (name === 'snapshot.json') expect(await readSnapshot(folder)).toBeNull();
    else await expect(readSnapshot(folder)).rejects.toMatchObject({ code: 'PROJECT_DAMAGED' });
  },
);

it('of an earlier version, without digests, is still read', async () => {
  await writeSnapshot(folder, snapshot);
  const about = join(folder, 'snapshot.json');
  const { lastItemId } = JSON.parse(readFileSync(about, 'utf8')) as { lastItemId: number };
  writeFileSync(about, JSON.stringify({ lastItemId }));
  expect(await readSnapshot(folder)).toEqual(snapshot);
});
