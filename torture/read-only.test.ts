/** A project in a folder where nothing can be written: it opens to look, and refuses changes in the right word. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { oneErrorShape, type StudioClient } from '#contract/rpc.ts';
import { presets } from '#recipe/presets.ts';
import { openBare } from '#engine/project/database.ts';
import { OpenProject } from '#engine/project/project.ts';
import { createStudio, type Studio } from '#engine/studio.ts';
import { makeProject } from './labels.ts';
import { mountReadOnly, unmount, whyNoMount } from './mounts.ts';

const reason = whyNoMount();
let folder: string;
let writable: string;
let path: string;
let mounted: boolean;
let studio: Studio;
let client: StudioClient;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-read-only-'));
  process.env['ATELIER_STATE'] = join(folder, 'state.json');
  writable = join(folder, 'writable', 'p.atelier');
  path = join(folder, 'mounted', 'p.atelier');
  await makeProject(writable);
  studio = createStudio({ desktop: false, allowedFolders: null, version: 'test' });
  client = createRouterClient(studio.router, { interceptors: [oneErrorShape] }) as StudioClient;
  mounted = false;
});
afterEach(async () => {
  await studio.close();
  if (mounted) unmount(join(folder, 'mounted'));
  rmSync(folder, { recursive: true, force: true });
});

function mount(): void {
  mountReadOnly(join(folder, 'writable'), join(folder, 'mounted'));
  mounted = true;
}

const refusal = {
  data: {
    code: 'PROJECT_READ_ONLY',
    message: expect.stringContaining('can be looked at but not changed') as string,
  },
};

describe.skipIf(reason !== null)(
  `a read-only folder${reason ? ` (not possible here: ${reason})` : ''}`,
  () => {
    test('opens to look; images are shown, and each change is refused as what it is', async () => {
      mount();
      const project = await client.project.open({ path });
      expect(project.readOnly).toMatchObject({ code: 'PROJECT_READ_ONLY', details: { reason: 'EROFS' } });
      expect(project.counts.total).toBe(2500);
      expect((await client.items.list({ filter: {}, offset: 0, limit: 10 })).items).toHaveLength(10);
      expect(await client.runs.list({})).toEqual([]);
      await client.studies.list();
      await client.recipes.summarise({ recipe: presets.quick.recipe });
      expect((await client.recipes.presets()).presets.map(({ preset }) => preset)).toContain('auto');
      expect(await client.embeddings.get()).toMatchObject({ state: 'missing' });
      expect(await client.suggestions.stats()).toMatchObject({ state: 'no-embeddings' });
      expect(await client.labels.list({ after: 0, limit: 10 })).toHaveLength(10);
      const changes: (() => Promise<unknown>)[] = [
        () => client.items.relabel({ itemIds: [1], classId: 2 }),
        () => client.classes.add({ name: 'New' }),
        () => client.journal.undo(),
        () => client.splits.draw({ validationShare: 0.3, seed: 1 }),
        () => client.sources.import({ source: { kind: 'named', name: 'fashion-mnist-small' } }),
        () => client.runs.start({ recipe: presets.quick.recipe }),
        () => client.recipes.findLearningRate({ recipe: presets.quick.recipe }),
      ];
      for (const change of changes) await expect(change()).rejects.toMatchObject(refusal);
      expect(await client.jobs.list()).toEqual([]);
    });

    test('is looked at with what its log holds, which nothing has put into the database yet', async () => {
      const project = await OpenProject.open(writable, 'test');
      await project.relabel([1], 2);
      // As a killed studio leaves it.
      const killed = join(folder, 'killed.atelier');
      cpSync(writable, killed, { recursive: true });
      await project.close();
      rmSync(writable, { recursive: true });
      cpSync(killed, writable, { recursive: true, filter: (name) => !name.endsWith('-shm') });
      mount();
      expect((await client.project.open({ path })).readOnly).not.toBeNull();
      expect((await client.items.get({ itemId: 1 })).classId).toBe(2);
    });

    test('is looked at while another studio works on it from where it can be written to', async () => {
      const other = await OpenProject.open(writable, 'test');
      mount();
      await client.project.open({ path });
      await other.relabel([1], 2);
      expect((await client.items.get({ itemId: 1 })).classId).toBe(2);
      await other.close();
    });

    test('of an earlier version says that it cannot be brought up to date there', async () => {
      const database = openBare(join(writable, 'project.sqlite'));
      database.exec('PRAGMA user_version = 1');
      database.close();
      mount();
      await expect(client.project.open({ path })).rejects.toMatchObject({
        data: {
          code: 'PROJECT_READ_ONLY',
          message: expect.stringMatching(/received version 1 .*open a copy/) as string,
        },
      });
    });

    test('that can be written to again is worked on once it is opened again', async () => {
      mount();
      await client.project.open({ path });
      spawnSync('mount', ['-o', 'remount,rw,bind', join(folder, 'mounted')]);
      expect((await client.project.open({ path })).readOnly).toBeNull();
      await client.items.relabel({ itemIds: [1], classId: 2 });
    });
  },
);
