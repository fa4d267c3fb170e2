/** A picture that ends its worker, as the system's memory killer does: it is named, and the rest is imported. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { decoderEnded } from '../images/decode/formats.ts';
import { OpenProject } from '../project/project.ts';
import { writePicture } from '../testing.ts';
import { ImportWorker } from './import-worker.ts';
import { importByWorker, watchedWorkers } from './testing-import.ts';
import type { Spawner, WorkerHandle } from './workers.ts';

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

  const workers = watchedWorkers(packs, (lines) => {
    // Decoding begins after it was put off, as no plain picture.
    const putOff = lines.indexOf('{"later":"a/huge.webp"}');
    const decoding = putOff >= 0 && lines.includes('{"begun":"a/huge.webp"}', putOff);
    return decoding && !lines.includes('"name":"a/huge.webp"');
  });
  const worker = new ImportWorker(workers.spawner);
  try {
    await importByWorker(worker, path, source);
    await project.followImport();
    expect(project.columns.length).toBe(12);
    expect(project.skippedAndNotices().skipped).toEqual([
      { reason: decoderEnded, count: 1, examples: ['a/huge.webp'] },
    ]);
    expect(workers.count()).toBe(3);
  } finally {
    workers.stop();
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
