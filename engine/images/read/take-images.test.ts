/** Reading goes on where a worker died: nothing twice, nothing lost, and only the file that ends it is skipped. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import type { FoundImage } from '../../intake/importer.ts';
import { writePicture } from '../../testing.ts';
import { decoderEnded } from '../decode/formats.ts';
import { journalName, readJournal, ReadJournal } from './journal.ts';
import { takeImages } from './take-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-take-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const signal = new AbortController().signal;
const onProgress = () => undefined;

async function pictures(count: number): Promise<FoundImage[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, seed) => {
      const name = `a/${seed}.png`;
      await writePicture(join(folder, name), { r: 200, g: 9, b: 9 }, { seed });
      return { path: join(folder, name), name, className: 'a', part: 'pool' as const };
    }),
  );
}

it('has the same result after a death as without', async () => {
  const images = await pictures(12);
  const whole = await takeImages(images, { pack: join(folder, 'whole.part'), signal, onProgress });
  const pack = join(folder, 'import.part');
  const stopped = new AbortController();
  const journal = journalName(pack);
  let copy = '';
  await expect(
    takeImages(images, {
      pack,
      signal: stopped.signal,
      onProgress(done) {
        if (done < 6 || copy) return;
        copy = readFileSync(journal, 'utf8');
        stopped.abort();
      },
    }),
  ).rejects.toMatchObject({ code: 'CANCELLED' });
  // As a death leaves it: a line that is cut, and bytes in the pack that nobody noted down.
  writeFileSync(journal, `${copy}{"begun":"a/9`);
  writeFileSync(pack, Buffer.concat([readFileSync(pack), Buffer.alloc(99)]));
  const resumed = await takeImages(images, { pack, signal, onProgress, resume: true });
  const plain = ({ items }: typeof whole) => items.map(({ position: _position, ...item }) => item);
  expect(plain(resumed)).toEqual(plain(whole));
  const bytes = (file: string, { items }: typeof whole) =>
    items.map(({ position, length }) =>
      readFileSync(file)
        .subarray(position, position + length)
        .toString('hex'),
    );
  expect(bytes(pack, resumed)).toEqual(bytes(join(folder, 'whole.part'), whole));
  expect(existsSync(journal)).toBe(false);
});

it('skips the file that was alone when a worker died the second time', async () => {
  const images = await pictures(6);
  const pack = join(folder, 'second.part');
  writeFileSync(pack, '');
  const die = (...begun: string[]) => {
    const journal = new ReadJournal(journalName(pack));
    journal.begin(begun);
    journal.close();
  };
  die('a/0.png', 'a/1.png', 'a/2.png');
  expect(readJournal(journalName(pack))).toMatchObject({
    suspects: ['a/0.png', 'a/1.png', 'a/2.png'],
    culprits: [],
  });
  die('a/0.png');
  expect(readJournal(journalName(pack))).toMatchObject({
    suspects: ['a/1.png', 'a/2.png'],
    culprits: ['a/0.png'],
  });
  const { items, skipped } = await takeImages(images, { pack, signal, onProgress, resume: true });
  expect(skipped).toEqual([{ path: 'a/0.png', reason: decoderEnded }]);
  expect(items.map(({ name }) => name)).toEqual(['a/1.png', 'a/2.png', 'a/3.png', 'a/4.png', 'a/5.png']);
});

it('suspects no file that was put off before the worker died', () => {
  const pack = join(folder, 'off.part');
  const journal = new ReadJournal(journalName(pack));
  journal.begin(['a/0.png', 'a/1.png', 'a/2.png', 'a/3.png']);
  journal.putOff(['a/0.png', 'a/3.png']);
  journal.begin(['a/3.png']);
  journal.close();
  expect(readJournal(journalName(pack)).suspects).toEqual(['a/1.png', 'a/2.png', 'a/3.png']);
});

it('reads plain pictures and others of one folder into one pack, each its own thumbnail', async () => {
  const images = await pictures(3);
  const webp = { path: join(folder, 'a', 'b.webp'), name: 'a/b.webp', className: 'a', part: 'pool' as const };
  await sharp(readFileSync(images[0]!.path)).webp({ lossless: true }).toFile(webp.path);
  const pack = join(folder, 'mixed.part');
  const { items, skipped } = await takeImages([images[0]!, webp, ...images.slice(1)], {
    pack,
    signal,
    onProgress,
  });
  expect(skipped).toEqual([]);
  expect(items.map(({ name }) => name)).toEqual(['a/0.png', 'a/b.webp', 'a/1.png', 'a/2.png']);
  const bytes = readFileSync(pack);
  for (const [index, { position, length, hash }] of items.entries()) {
    const thumbnail = sharp(bytes.subarray(position, position + length));
    const { path } = [images[0]!, webp, ...images.slice(1)][index]!;
    const original = readFileSync(path);
    expect(hash).toBe(createHash('sha256').update(original).digest('hex').slice(0, 32));
    expect(await thumbnail.raw().toBuffer()).toEqual(await sharp(original).raw().toBuffer());
  }
});

it('names what the disk does not give', async () => {
  const [first, ...others] = await pictures(3);
  rmSync(first!.path);
  truncateSync(others[0]!.path, 0);
  const { items, skipped } = await takeImages([first!, ...others], {
    pack: join(folder, 'third.part'),
    signal,
    onProgress,
  });
  expect(items).toHaveLength(1);
  expect(skipped.map(({ reason }) => reason)).toEqual([
    'It is gone since the folder was looked through.',
    'The file is empty.',
  ]);
});
