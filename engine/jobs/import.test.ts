/** A dropped folder when storing it fails: a scripted worker, a real project and real uploads. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { scanSource } from '../intake/scan.ts';
import type { Pending } from '../intake/store/pending.ts';
import { type Stored, storeSource } from '../intake/store/store.ts';
import { smallFashion } from '../testing.ts';
import { Uploads } from '../uploads.ts';
import { startImport } from './import.ts';
import { openTestServices, type Script, type TestServices } from './testing.ts';

let services: TestServices;
afterEach(() => services.close());

async function dropped(store: NonNullable<Script['import-store']>, settle?: Script['settle']) {
  services = await openTestServices({
    'import-read': async () => ({ items: 1, root: null, unpacked: false }),
    'import-store': store,
    ...(settle ? { settle } : {}),
  });
  const uploads = new Uploads(join(services.temporary, 'uploads'));
  const uploadId = await uploads.add(null, 'set/a/1.png', new Uint8Array([1]));
  const start = () =>
    startImport(
      services,
      uploads,
      { kind: 'upload', uploadId },
      {},
      () => undefined,
      async () => undefined,
    );
  const kept = join(services.open.path, 'uploads', uploadId);
  return { uploads, uploadId, start, kept };
}

it('stays an upload where it cannot be stored, and can be imported again', async () => {
  const seen: string[][] = [];
  const { uploads, uploadId, start, kept } = await dropped(async ({ project, root }) => {
    seen.push(readdirSync(join(project, root)));
    throw new AtelierError('DISK_FULL', 'Full.');
  });
  for (let time = 0; time < 2; time++) {
    expect(await services.ended(start())).toMatchObject({ state: 'failed', error: { code: 'DISK_FULL' } });
    expect(existsSync(kept)).toBe(false);
    expect(uploads.folderOf(uploadId).name).toBe('set');
  }
  expect(seen).toEqual([['set'], ['set']]);
});

it('stays in the project where the worker died after it had stored it', async () => {
  let pending: Pending<Stored> | null = null;
  const { start, kept } = await dropped(
    async ({ project, location, root }) => {
      const { signal } = new AbortController();
      const context = { location: smallFashion(), options: {}, signal };
      const { read } = await scanSource(smallFashion(), context);
      const source = await read({
        pack: join(project, 'packs', 'import-again.part'),
        onProgress: () => undefined,
        signal,
      });
      pending = await storeSource(project, source, { location, root, startedAt: Date.now() });
      return pending.result;
    },
    async () => {
      pending!.commit();
      throw new AtelierError('WORKER_DIED', 'Gone.');
    },
  );
  expect(await services.ended(start())).toMatchObject({ state: 'finished' });
  expect(existsSync(join(kept, 'set', 'a', '1.png'))).toBe(true);
  expect(services.open.columns.length).toBe(5000);
});

it('is not there where it is cancelled while it is stored, also after all rows were written', async () => {
  const settled: boolean[] = [];
  const jobId: string[] = [];
  const { uploads, uploadId, start, kept } = await dropped(
    async () => {
      services.jobs.cancel(jobId[0]!);
      return { sourceId: 2, alreadyThere: 0, changed: 0, moved: 0 };
    },
    async ({ commit }) => {
      settled.push(commit);
      return {};
    },
  );
  const job = start();
  jobId.push(job.id);
  expect(await services.ended(job)).toMatchObject({ state: 'cancelled' });
  expect(settled).toEqual([false]);
  expect(existsSync(kept)).toBe(false);
  expect(uploads.folderOf(uploadId).name).toBe('set');
});
