/** A worker that is killed while its threads read: another one goes on, and every image is there once, with its thumbnail. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { originalFiles } from '../images/storage/original-files.ts';
import { OpenProject } from '../project/project.ts';
import { buildWorker, writePicture } from '../testing.ts';
import { ImportWorker } from './import-worker.ts';
import { importByWorker, watchedWorkers } from './testing-import.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-import-threads-'));
beforeAll(buildWorker);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** So many that there is time to kill a worker among them. */
const images = 3000;
const pictures = 8;

it('goes on where threads were reading', async () => {
  const source = join(folder, 'set');
  for (let seed = 0; seed < pictures; seed++)
    await writePicture(join(source, 'a', `${seed}.png`), { r: 200, g: 9, b: seed * 30 }, { seed });
  for (let index = pictures; index < images; index++)
    copyFileSync(join(source, 'a', `${index % pictures}.png`), join(source, 'a', `${index}.png`));
  const path = join(folder, 'p.atelier');
  const project = await OpenProject.create(path, 'p', 'test');
  const packs = join(path, 'packs');

  /** Kills the first as soon as a part of what it began has come to its end. */
  const workers = watchedWorkers(packs, (lines, worker) => worker === 1 && lines.includes('"outcome"'));
  const worker = new ImportWorker(workers.spawner);
  try {
    const { sourceId } = await importByWorker(worker, path, source);
    await project.followImport();
    expect(project.columns.length).toBe(images);
    expect(project.skippedAndNotices().skipped).toEqual([]);
    expect(workers.count()).toBe(2);
    const pack = readFileSync(join(packs, originalFiles.packName(sourceId)));
    const pixelsOf = (image: string | Buffer) => sharp(image).raw().toBuffer();
    const expected = await Promise.all(
      Array.from({ length: pictures }, (_, seed) => pixelsOf(join(source, 'a', `${seed}.png`))),
    );
    const names = new Set<string>();
    for (const id of project.columns.ids.subarray(0, images)) {
      const { position, length, name } = project.placeOf(id);
      names.add(name);
      if (id % 10 !== 0) continue;
      const pixels = await pixelsOf(pack.subarray(position, position + length));
      expect(pixels.equals(expected[Number(/\d+/.exec(name)![0]) % pictures]!), name).toBe(true);
    }
    expect(names.size).toBe(images);
  } finally {
    workers.stop();
    worker.close();
    await project.close();
  }
});
