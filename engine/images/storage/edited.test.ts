/** Edited originals are told to who learns from kept features, and files that nobody wrote to are not read for it. */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OpenProject } from '../../project/project.ts';
import { fillWithFolder, writePicture } from '../../testing.ts';
import { requireUnedited } from './edited.ts';

let folder: string;
let path: string;
let project: OpenProject;
let red: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-edited-'));
  path = join(folder, 'p.atelier');
  red = join(folder, 'pictures', 'red', '0.png');
  for (let seed = 0; seed < 3; seed++) {
    await writePicture(join(folder, 'pictures', 'red', `${seed}.png`), { r: 200, g: 0, b: 0 }, { seed });
    await writePicture(join(folder, 'pictures', 'blue', `${seed}.png`), { r: 0, g: 0, b: 200 }, { seed });
  }
  project = await OpenProject.create(path, undefined, 'test');
  await fillWithFolder(path, join(folder, 'pictures'));
});
afterEach(async () => {
  await project.close();
  rmSync(folder, { recursive: true, force: true });
});

const check = (rows: number[] = []) => requireUnedited(path, 1_000_000, rows);
const note = () => join(path, 'packs', 'originals-compared.json');
/** As if all that is known were known since then (ms), and nothing was compared. */
const importedAt = (at: number) => {
  rmSync(note(), { force: true });
  return project.change((database) =>
    database.prepare('UPDATE sources SET imported_at = ?, seconds = 0').run(new Date(at).toISOString()),
  );
};

it('tells edited files, also with their old time put back, and lets them pass once they are as before', async () => {
  await check();
  const before = readFileSync(red);
  const { atime, mtime } = statSync(red);
  writeFileSync(red, Buffer.concat([before, Buffer.from([0])]));
  utimesSync(red, atime, mtime);
  const told = { code: 'ORIGINAL_CHANGED', message: expect.stringContaining('red/0.png') as string };
  await expect(check()).rejects.toMatchObject(told);
  await expect(check()).rejects.toMatchObject(told);
  writeFileSync(red, before);
  await check();
});

it('reads no file that was not written to since its import, or since the last time', async () => {
  const edit = () => writeFileSync(red, 'another picture');
  edit();
  // Known to be whole after it was written to: whether it is, only reading it would tell.
  await importedAt(statSync(red).ctimeMs + 2001);
  await check();
  await importedAt(statSync(red).ctimeMs);
  await expect(check()).rejects.toMatchObject({ code: 'ORIGINAL_CHANGED' });
  rmSync(red);
  await writePicture(red, { r: 200, g: 0, b: 0 }, { seed: 0 });
  await check();
  const { of } = JSON.parse(readFileSync(note(), 'utf8')) as { of: string };
  edit();
  writeFileSync(note(), JSON.stringify({ of, at: statSync(red).ctimeMs + 2001 }));
  await check();
  writeFileSync(note(), JSON.stringify({ of: 'other images', at: statSync(red).ctimeMs + 2001 }));
  await expect(check()).rejects.toMatchObject({ code: 'ORIGINAL_CHANGED' });
});

it('takes the import for nothing where a source was relinked, since old files may lie elsewhere', async () => {
  writeFileSync(red, 'another picture');
  await importedAt(statSync(red).ctimeMs + 2001);
  await check();
  await project.change((database) =>
    database
      .prepare("INSERT INTO journal (at, label, change) VALUES ('', 'Relink', ?)")
      .run(JSON.stringify({ place: { sourceIds: [1] } })),
  );
  rmSync(note());
  await expect(check()).rejects.toMatchObject({ code: 'ORIGINAL_CHANGED' });
});

it('lets files be gone, and then notes nothing', async () => {
  renameSync(red, join(folder, 'away.png'));
  await check();
  expect(existsSync(note())).toBe(false);
  renameSync(join(folder, 'away.png'), red);
  await check();
  expect(existsSync(note())).toBe(true);
});
