import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writePicture } from '../../testing.ts';
import { scanSource } from '../scan.ts';

let root: string;
let pack: string;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-folder-'));
  root = join(folder, 'pictures');
  pack = join(folder, 'pack.part');
  mkdirSync(root);
});
afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }));

const red = { r: 200, g: 20, b: 20 };
const blue = { r: 20, g: 20, b: 200 };
const picture = (path: string, seed = 0) => writePicture(join(root, path), seed % 2 ? red : blue, { seed });
const read = (signal = new AbortController().signal) =>
  scanSource(root, { location: root, options: {}, signal }).then((scanned) =>
    scanned.read({ pack, onProgress: () => undefined, signal }),
  );
const reasons = async () =>
  Object.fromEntries((await read()).skippedFiles.map(({ path, reason }) => [path, reason]));

/** Every file below a folder with its bytes and time. */
function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  const walk = (path: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const full = join(path, entry.name);
      hash.update(full);
      if (entry.isDirectory()) walk(full);
      else if (entry.isFile()) hash.update(readFileSync(full)).update(String(statSync(full).mtimeMs));
    }
  };
  walk(folder);
  return hash.digest('hex');
}

describe('a folder per class', () => {
  it('keeps paths and class names to the character, and leaves the originals alone', async () => {
    await picture('Äpfel 🍎/tief/er/ä.png', 1);
    await picture('Äpfel 🍎/b.jpg', 2);
    await picture('עברית/c.webp', 3);
    const before = fingerprint(root);
    const { items, classes, skippedFiles } = await read();
    expect(
      items.map(({ name, className, part, width, height }) => ({ name, className, part, width, height })),
    ).toEqual([
      { name: 'Äpfel 🍎/b.jpg', className: 'Äpfel 🍎', part: 'pool', width: 20, height: 16 },
      { name: 'Äpfel 🍎/tief/er/ä.png', className: 'Äpfel 🍎', part: 'pool', width: 20, height: 16 },
      { name: 'עברית/c.webp', className: 'עברית', part: 'pool', width: 20, height: 16 },
    ]);
    expect([classes.length, skippedFiles]).toEqual([2, []]);
    expect(fingerprint(root)).toBe(before);
  });

  it('tells train, val and test folders from classes, below a wrapping folder too', async () => {
    for (const part of ['Train', 'val', 'test'])
      for (const name of ['cat', 'dog']) await picture(`set/${part}/${name}/1.png`, part.length);
    await picture('set/readme-pictures/cat/1.png');
    const { items, skippedFiles } = await read();
    expect(items.map(({ className, part }) => `${part} ${className}`).sort()).toEqual([
      'pool cat',
      'pool dog',
      'test cat',
      'test dog',
      'validation cat',
      'validation dog',
    ]);
    expect(skippedFiles).toEqual([
      {
        path: 'set/readme-pictures/cat/1.png',
        reason: expect.stringMatching(/^Lies beside the folders that give the parts/) as string,
      },
    ]);
  });

  it('takes a class that happens to be called train for a class', async () => {
    for (const name of ['bus', 'car', 'train']) await picture(`${name}/1.png`);
    expect((await read()).classes).toEqual(['bus', 'car', 'train']);
  });

  it('sets aside what it cannot take, each with its reason', async () => {
    for (const name of ['cat/good.png', 'cat/other.png', 'cat/third.png', 'cat/fourth.png'])
      await picture(name);
    await picture('cat/cut.png');
    await picture('cat/cut.jpg');
    for (const name of ['cat/cut.png', 'cat/cut.jpg']) {
      const file = join(root, name);
      truncateSync(file, Math.floor(statSync(file).size * 0.6));
    }
    writeFileSync(join(root, 'cat/empty.png'), '');
    writeFileSync(join(root, 'cat/text.jpg'), 'I am no picture');
    writeFileSync(join(root, 'cat/drawing.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    writeFileSync(
      join(root, 'cat/disguised.png'),
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    );
    writeFileSync(join(root, 'cat/notes.txt'), 'notes');
    writeFileSync(join(root, 'cat/.hidden.png'), '');
    await picture('lonely.png');
    symlinkSync(join(root, 'nowhere.png'), join(root, 'cat', 'dangling.png'));
    symlinkSync(root, join(root, 'cat', 'loop'));
    execFileSync('mkfifo', [join(root, 'cat', 'pipe.png')]);
    writeFileSync(
      Buffer.concat([Buffer.from(join(root, 'cat/latin-')), Buffer.from([0xe4]), Buffer.from('.png')]),
      'x',
    );
    expect((await read()).items.map(({ name }) => name)).toEqual([
      'cat/fourth.png',
      'cat/good.png',
      'cat/other.png',
      'cat/third.png',
    ]);
    expect(await reasons()).toEqual({
      'cat/cut.png': 'This PNG is cut short: the end of the file is missing.',
      'cat/cut.jpg': 'This JPEG is cut short: the end of the file is missing.',
      'cat/empty.png': 'The file is empty.',
      'cat/text.jpg': 'Text, not an image.',
      'cat/drawing.svg': expect.stringMatching(/SVG/) as string,
      'cat/disguised.png': expect.stringMatching(/SVG/) as string,
      'cat/notes.txt': 'Not an image.',
      'lonely.png': expect.stringMatching(/no class folder/) as string,
      'cat/dangling.png': 'A link to a file that is not there.',
      'cat/loop': 'A link back to a folder that holds it.',
      'cat/pipe.png': 'Not a regular file.',
      'cat/.hidden.png': 'Hidden: its name begins with a dot.',
      'cat/latin-\ufffd.png': expect.stringMatching(/UTF-8/) as string,
    });
  });

  it('stops when it is cancelled', async () => {
    await picture('cat/1.png');
    const controller = new AbortController();
    controller.abort();
    await expect(read(controller.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('a dropped folder', () => {
  it('is taken for the same as where it came from, and its images keep their path', async () => {
    for (const path of ['flat/1.png', 'flat/2.png']) await picture(path);
    const drop = { location: 'flat', options: {}, signal: new AbortController().signal };
    expect((await scanSource(root, drop)).scan).toMatchObject({
      layout: 'unlabelled',
      classes: [],
      unlabelled: { pool: 2, train: 0, validation: 0, test: 0 },
      skipped: [],
    });
    const one = await scanSource(root, { ...drop, options: { layout: 'one-class' } });
    expect(one.scan).toMatchObject({ classes: [{ name: 'flat', counts: { pool: 2 } }], skipped: [] });
    const { items } = await one.read({ pack, onProgress: () => undefined, signal: drop.signal });
    expect(items.map(({ name, className }) => [name, className])).toEqual([
      ['flat/1.png', 'flat'],
      ['flat/2.png', 'flat'],
    ]);
  });

  it('called test is test data', async () => {
    await picture('test/cats/1.png');
    const drop = { location: 'test', options: {}, signal: new AbortController().signal };
    expect((await scanSource(root, drop)).scan.classes).toEqual([
      { name: 'cats', counts: { pool: 0, train: 0, validation: 0, test: 1 } },
    ]);
  });
});
