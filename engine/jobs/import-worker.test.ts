/** A picture that ends its worker, as the system's memory killer does: it is named, and the rest is imported. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { decoderEnded } from '../images/formats.ts';
import { OpenProject } from '../project/project.ts';
import { writePicture } from '../testing.ts';
import { ImportWorker } from './import-worker.ts';
import { forkWorker, type Spawner, type WorkerHandle } from './workers.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-import-worker-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('goes on without it', async () => {
  const source = join(folder, 'set');
  for (let seed = 0; seed < 12; seed++)
    await writePicture(join(source, 'a', `${seed}.png`), { r: 200, g: 9, b: 9 }, { seed });
  // Large enough that decoding it is under way when it is looked for.
  const huge = sharp({ create: { width: 7000, height: 7000, channels: 3, background: '#357' } });
  await huge.webp({ effort: 0 }).toFile(join(source, 'a', 'huge.webp'));
  const path = join(folder, 'p.atelier');
  const project = await OpenProject.create(path, 'p', 'test');
  const packs = join(path, 'packs');

  let workers = 0;
  let watch: ReturnType<typeof setInterval> | undefined;
  const spawner: Spawner = () => {
    workers++;
    const handle: WorkerHandle = forkWorker();
    clearInterval(watch);
    watch = setInterval(() => {
      const journal = readdirSync(packs).find((name) => name.endsWith('.journal.part'));
      const lives = journal ? readFileSync(join(packs, journal), 'utf8').split('{"started":true}') : [];
      const lines = lives.length === workers + 1 ? lives.at(-1)! : '';
      // Decoding begins after it was put off, as no plain picture.
      const putOff = lines.indexOf('{"later":"a/huge.webp"}');
      const decoding = putOff >= 0 && lines.includes('{"begun":"a/huge.webp"}', putOff);
      if (decoding && !lines.includes('"name":"a/huge.webp"')) handle.kill();
    }, 2);
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
    clearInterval(watch);
    await worker.run('import-store', { project: path, location: source, root: source });
    await worker.run('settle', { commit: true });
    await project.followImport();
    expect(project.columns.length).toBe(12);
    expect(project.findings().skipped).toEqual([
      { reason: decoderEnded, count: 1, examples: ['a/huge.webp'] },
    ]);
    expect(workers).toBe(3);
  } finally {
    clearInterval(watch);
    worker.close();
    await project.close();
  }
});

it('gives up where no worker gets as far as to read', async () => {
  let workers = 0;
  const spawner: Spawner = () => {
    workers++;
    let exit!: Parameters<WorkerHandle['onExit']>[0];
    return {
      pid: undefined,
      send: () => exit({ code: 1, signal: null, stderr: '' }),
      onMessage: () => undefined,
      onExit: (listener) => void (exit = listener),
      kill: () => undefined,
    };
  };
  const worker = new ImportWorker(spawner);
  const reading = worker.run('import-read', {
    project: folder,
    unpackTo: join(folder, 'unpacked'),
    folder,
    location: folder,
    options: {},
    pack: join(folder, 'x.part'),
  });
  await expect(reading).rejects.toMatchObject({ code: 'WORKER_DIED' });
  expect(workers).toBe(4);
});
