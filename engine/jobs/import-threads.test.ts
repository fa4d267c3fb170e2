/** A worker that is killed while its threads read: another one goes on, and every image is there once, with its thumbnail. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packName } from '../intake/source.ts';
import { OpenProject } from '../project/project.ts';
import { buildWorker, writePicture } from '../testing.ts';
import { ImportWorker } from './import-worker.ts';
import { forkWorker, type Spawner } from './workers.ts';

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

  let workers = 0;
  let watch: ReturnType<typeof setInterval> | undefined;
  /** Kills the first as soon as a part of what it began has come to its end. */
  const spawner: Spawner = () => {
    workers++;
    const handle = forkWorker();
    clearInterval(watch);
    if (workers > 1) return handle;
    watch = setInterval(() => {
      const journal = readdirSync(packs).find((name) => name.endsWith('.journal.part'));
      const lives = journal ? readFileSync(join(packs, journal), 'utf8').split('{"started":true}') : [];
      const life = lives.length === workers + 1 ? lives.at(-1)! : '';
      if (life.includes('"outcome"')) handle.kill();
    }, 1);
    return handle;
  };
  const worker = new ImportWorker(spawner);
  try {
    await worker.run('import-read', {
      project: path,
      folder: source,
      location: source,
      options: {},
      pack: join(packs, 'import-1.part'),
      unpackTo: join(packs, 'unpacked'),
    });
    const { sourceId } = await worker.run('import-store', { project: path, location: source, root: source });
    await worker.run('settle', { commit: true });
    await project.followImport();
    expect(project.columns.length).toBe(images);
    expect(project.findings().skipped).toEqual([]);
    expect(workers).toBe(2);
    const pack = readFileSync(join(packs, packName('folder', sourceId)));
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
    clearInterval(watch);
    worker.close();
    await project.close();
  }
});
