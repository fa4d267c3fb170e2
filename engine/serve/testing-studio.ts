/** For tests only: a window of two files, and a studio behind it that tells what reaches it and sends events without end. */
import { implement } from '@orpc/server';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands } from '#contract/commands.ts';
import { AtelierError } from '#contract/errors.ts';
import type { ResourceRequest } from '#contract/resources.ts';

/** @returns its folder */
export function makeWindow(): { rendererFolder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'atelier-serve-'));
  const rendererFolder = join(folder, 'renderer');
  mkdirSync(join(rendererFolder, 'assets'), { recursive: true });
  writeFileSync(join(rendererFolder, 'index.html'), '<!doctype html><title>Atelier</title>');
  writeFileSync(join(rendererFolder, 'assets', 'index-1.js'), 'export {};');
  writeFileSync(join(folder, 'secret.json'), '{"secret":true}');
  symlinkSync(join(folder, 'secret.json'), join(rendererFolder, 'link.json'));
  return { rendererFolder, remove: () => rmSync(folder, { recursive: true }) };
}

export const asked: ResourceRequest[] = [];
export const inputs: unknown[] = [];
/** Events of 1 MiB that the last stream was asked for, and streams that were left. */
export const streams = { told: 0, left: 0 };

const studio = implement(commands);
const router = {
  studio: {
    recent: studio.studio.recent.handler(() => [{ name: 'P', path: '/p', openedAt: 'now' }]),
    events: studio.studio.events.handler(async function* () {
      const reason = 'x'.repeat(1024 * 1024);
      streams.told = 0;
      try {
        for (;;) {
          streams.told += 1;
          yield {
            event: 'job.changed' as const,
            job: {
              id: 'j',
              kind: 'import' as const,
              title: reason,
              state: 'running' as const,
              runId: null,
              studyId: null,
              error: null,
              progress: { done: 0, total: null, unit: 'files', secondsLeft: null },
            },
          };
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        streams.left += 1;
      }
    }),
  },
  items: {
    get: studio.items.get.handler(({ input }) => {
      inputs.push(input);
      throw new AtelierError('NOT_FOUND', 'No such item.', { itemId: input.itemId });
    }),
  },
};
export const served = {
  router,
  allowedFolders: [],
  resources: async (request: ResourceRequest) => {
    asked.push(request);
    if (request.path === '/images/items/1/full') {
      return { status: 200, headers: { 'content-type': 'image/png' }, body: Buffer.from('png') };
    }
    if (request.path === '/uploads') {
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(`{"bytes":${request.body?.length}}`),
      };
    }
    throw new AtelierError('NOT_FOUND', 'Nothing here.');
  },
};
