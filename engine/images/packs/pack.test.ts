/** What a pack holds when originals change, and when its own bytes do. Real pictures, a real project. */
import { createHash, randomBytes } from 'node:crypto';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OpenProject } from '../../project/project.ts';
import { fillWithFashion, fillWithFolder, writePicture } from '../../testing.ts';
import { readItem } from '../storage/originals.ts';
import { loadPack, type PackOptions } from './pack.ts';

const framing = { height: 8, width: 8, channels: 3, fit: 'stretch' } as const;
let folder: string;
let pictures: string;
let path: string;
let project: OpenProject;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-pack-'));
  pictures = join(folder, 'pictures');
  path = join(folder, 'p.atelier');
  for (let seed = 0; seed < 3; seed++) {
    await writePicture(join(pictures, 'red', `${seed}.png`), { r: 200, g: 0, b: 0 }, { seed });
    await writePicture(join(pictures, 'blue', `${seed}.png`), { r: 0, g: 0, b: 200 }, { seed });
  }
  project = await OpenProject.create(path, undefined, 'test');
});
afterEach(async () => {
  await project.close();
  rmSync(folder, { recursive: true, force: true });
});

const load = (options: PackOptions = {}) => loadPack(path, framing, 1_000_000, options);
const tensors = () => readdirSync(join(path, 'packs')).filter((name) => name.startsWith('tensor-'));
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** Another framing takes its place as the one held in memory. */
const forget = () => loadPack(path, { ...framing, height: 4 }, 1_000_000).catch(() => undefined);

describe('originals that are not what was imported', () => {
  beforeEach(() => fillWithFolder(path, pictures));

  it('are not packed in silence: counted, named, with the way out; put back, the images are as before', async () => {
    const before = digest((await load()).pixels);
    rmSync(join(path, 'packs', tensors()[0]!));
    const red = join(pictures, 'red', '0.png');
    copyFileSync(red, join(folder, 'kept.png'));
    await writePicture(red, { r: 0, g: 250, b: 0 });
    await writePicture(join(pictures, 'red', '1.png'), { r: 0, g: 250, b: 0 });
    renameSync(join(pictures, 'blue', '2.png'), join(folder, 'away.png'));
    await expect(load()).rejects.toMatchObject({
      code: 'ORIGINAL_CHANGED',
      message: expect.stringMatching(
        /2 have other content than when imported \(red\/0\.png, red\/1\.png\), and 1 is gone from where imported \(blue\/2\.png\).*atelier sources PROJECT rescan 1/,
      ) as string,
      details: { changed: 2, missing: 1, sources: [1] },
    });
    await expect(readItem(path, 4)).rejects.toMatchObject({ code: 'ORIGINAL_CHANGED' });
    expect(tensors()).toEqual([]);

    renameSync(join(folder, 'kept.png'), red);
    await writePicture(join(pictures, 'red', '1.png'), { r: 200, g: 0, b: 0 }, { seed: 1 });
    await expect(load()).rejects.toMatchObject({
      code: 'ORIGINAL_MISSING',
      details: { changed: 0, missing: 1 },
    });
    renameSync(join(folder, 'away.png'), join(pictures, 'blue', '2.png'));
    expect(digest((await load()).pixels)).toBe(before);
  });

  it('are told where a pack is there already, to whoever begins anew, also with their old time put back', async () => {
    const { pixels } = await load({ fresh: true });
    const red = join(pictures, 'red', '0.png');
    const { atime, mtime } = statSync(red);
    await writePicture(red, { r: 0, g: 250, b: 0 });
    utimesSync(red, atime, mtime);
    await expect(load({ fresh: true })).rejects.toMatchObject({
      code: 'ORIGINAL_CHANGED',
      details: { changed: 1, missing: 0 },
    });
    // A run that goes on sees the images as they were when it began.
    expect((await load()).pixels).toEqual(pixels);
    await writePicture(red, { r: 200, g: 0, b: 0 }, { seed: 0 });
    expect((await load({ fresh: true })).pixels).toEqual(pixels);
  });

  it('are told where a folder was renamed, or a link leads elsewhere: the files that stand there now are old', async () => {
    const [red, blue, away] = ['red', 'blue', 'away'].map((name) => join(pictures, name));
    const linked = join(pictures, 'red', 'linked.png');
    copyFileSync(join(red!, '0.png'), join(folder, 'one.png'));
    copyFileSync(join(blue!, '0.png'), join(folder, 'other.png'));
    symlinkSync(join(folder, 'one.png'), linked);
    await fillWithFolder(path, pictures);
    await load({ fresh: true });
    const files = [0, 1, 2].flatMap((seed) => [join(red!, `${seed}.png`), join(blue!, `${seed}.png`)]);
    const written = [...files, join(folder, 'one.png'), join(folder, 'other.png')].map(
      (file) => statSync(file).ctimeMs,
    );
    /** As if the pack had been compared when the files had lain there for long. */
    const comparedLongAfter = () => {
      const pack = join(path, 'packs', tensors()[0]!);
      const bytes = readFileSync(pack);
      bytes.writeDoubleLE(Math.max(...written) + 2001, bytes.length - 8);
      writeFileSync(pack, bytes);
    };
    const swap = () => {
      renameSync(red!, away!);
      renameSync(blue!, red!);
      renameSync(away!, blue!);
    };
    comparedLongAfter();
    swap();
    await expect(load({ fresh: true })).rejects.toMatchObject({ code: 'ORIGINAL_CHANGED' });
    swap();
    await load({ fresh: true });

    comparedLongAfter();
    rmSync(linked);
    symlinkSync(join(folder, 'other.png'), linked);
    await expect(load({ fresh: true })).rejects.toMatchObject({
      code: 'ORIGINAL_CHANGED',
      details: { changed: 1, missing: 0 },
    });
  });
});

describe('bytes that are not those of the pack', () => {
  it('are never handed out: random bytes of the right size are made again', async () => {
    await fillWithFolder(path, pictures);
    const whole = digest((await load()).pixels);
    const file = join(path, 'packs', tensors()[0]!);
    const bytes = readFileSync(file);
    for (const spoilt of [
      randomBytes(bytes.length),
      Buffer.concat([randomBytes(bytes.length - 72), bytes.subarray(-72)]),
      bytes.map((byte, at) => (at === 5 ? byte ^ 1 : byte)),
      bytes.subarray(0, bytes.length - 1),
    ]) {
      await forget();
      writeFileSync(file, spoilt);
      expect(digest((await load()).pixels)).toBe(whole);
      expect(readFileSync(file).subarray(0, -8)).toEqual(bytes.subarray(0, -8));
    }
  });

  it("end a training where they are a source's own, which nothing can make again", async () => {
    await fillWithFashion(path);
    const native = { height: 28, width: 28, channels: 1, fit: 'stretch' } as const;
    const imported = () => loadPack(path, native, 1_000_000);
    const file = join(path, 'packs', 'source-1.u8');
    expect((await imported()).path).toBe(file);
    await forget();
    const bytes = readFileSync(file);
    bytes[784 * 1234 + 5]! ^= 1;
    writeFileSync(file, bytes);
    await expect(imported()).rejects.toMatchObject({
      code: 'PROJECT_DAMAGED',
      details: { sourceId: 1 },
    });
    await expect(readItem(path, 1235)).rejects.toMatchObject({ code: 'PROJECT_DAMAGED' });
    await expect(readItem(path, 1)).resolves.toBeDefined();
  });
});
