/**
 * Atelier's side of the intake comparison, in a process of its own: says "ready", then answers each line on stdin with the
 * speed of one whole import into a new project, from the start of its worker until it is stored.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createRouterClient } from '@orpc/server';
import { AtelierError } from '#contract/errors.ts';
import { followJob } from '#contract/follow.ts';
import { oneErrorShape, type StudioClient } from '#contract/rpc.ts';
import { createStudio } from '#engine/studio.ts';
import { peakBytes, type Ready, type Round } from './lines.ts';

/** Names the folder that is imported, in the environment of a measuring process. */
export const folderVariable = 'ATELIER_BENCH_FOLDER';

/** Serves rounds until stdin ends. @throws INTERNAL where an import leaves images out */
export async function runIntakeMode(write: (line: string) => void): Promise<void> {
  const folder = process.env[folderVariable] ?? '';
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const images = files.filter((entry) => entry.isFile()).length;
  const place = mkdtempSync(join(tmpdir(), 'atelier-bench-intake-'));
  process.env['ATELIER_STATE'] = join(place, 'state.json');
  const studio = createStudio({ desktop: false, allowedFolders: null, version: 'bench' });
  const client = createRouterClient(studio.router, { interceptors: [oneErrorShape] }) as StudioClient;
  const ready: Ready = { ready: true, library: 'Atelier', device: 'CPU', threads: 1 };
  write(JSON.stringify(ready));
  try {
    for await (const line of createInterface({ input: process.stdin })) {
      const path = join(mkdtempSync(join(place, `${line}-`)), 'p.atelier');
      await client.project.create({ path });
      const start = performance.now();
      await followJob(client, () =>
        client.sources.import({ source: { kind: 'path', path: folder }, options: {} }),
      );
      const seconds = (performance.now() - start) / 1000;
      const imported = (await client.project.current())!.counts.total;
      if (imported !== images)
        throw new AtelierError('INTERNAL', `Expected ${images} images to be imported, received ${imported}.`);
      const measured: Round = { imagesPerSecond: images / seconds, loss: 0, peakBytes: peakBytes() };
      write(JSON.stringify(measured));
    }
  } finally {
    await studio.close();
    rmSync(place, { recursive: true, force: true });
  }
}
