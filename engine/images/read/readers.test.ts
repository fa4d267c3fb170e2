/** Threads read what is read without them; one that fails or is gone costs nobody a file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle, writePicture } from '../../testing.ts';
import { openReaders } from './readers.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-readers-'));
const paths: string[] = [];
let program: string;
beforeAll(async () => {
  program = dirname(await bundle('engine/images/read/reader.ts'));
  for (let seed = 0; seed < 40; seed++) {
    const path = join(folder, `${seed}.png`);
    await writePicture(path, { r: 200, g: 9, b: 9 }, { seed });
    paths.push(path);
  }
  paths.push(join(folder, 'gone.png'), folder);
  writeFileSync(join(folder, 'text.jpg'), 'no picture');
  paths.push(join(folder, 'text.jpg'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('read in threads what is read here', async () => {
  const [threads, here] = [openReaders(1000, program), openReaders(1)];
  expect(threads.atOnce).toBeGreaterThan(here.atOnce);
  const expected = await here.read(paths);
  expect(expected.read.map((one) => one !== null)).toEqual(paths.map((_, index) => index < 40));
  const found = await Promise.all(Array.from({ length: 8 }, () => threads.read(paths)));
  for (const batch of found) {
    expect(batch.read).toEqual(expected.read);
    expect(Buffer.from(batch.thumbnails).equals(expected.thumbnails)).toBe(true);
  }
  await threads.close();
});

it('leave the files of threads that fail, or were ended, to be read another way', async () => {
  const broken = mkdtempSync(join(folder, 'broken-'));
  writeFileSync(join(broken, 'reader.cjs'), "throw new Error('no thread')");
  const failing = openReaders(1000, broken);
  const nothing = { read: paths.map(() => null), thumbnails: new Uint8Array(0) };
  for (let round = 0; round < 6; round++) expect(await failing.read(paths)).toEqual(nothing);
  await failing.close();

  const whole = mkdtempSync(join(folder, 'whole-'));
  writeFileSync(
    join(whole, 'reader.cjs'),
    "require('node:worker_threads').parentPort.on('message', () => process.exit(3));",
  );
  const dying = openReaders(1000, whole);
  expect(await dying.read(paths)).toEqual(nothing);
  await dying.close();
  expect(await dying.read(paths)).toEqual(nothing);
});
