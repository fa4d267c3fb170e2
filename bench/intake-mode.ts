/**
 * Atelier's side of the intake comparison, in a process of its own: says "ready", then answers each line on stdin with the
 * speed of one whole import into a new project, from the start of its worker until it is stored.
 */
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import { followJob } from '#contract/follow.ts';
import { serveRounds } from './lines.ts';
import { openStudio, temporaryFolder } from './own-studio.ts';

/** Names the folder that is imported, in the environment of a measuring process. */
export const folderVariable = 'ATELIER_BENCH_FOLDER';

/** Serves rounds until stdin ends. @throws INTERNAL where an import leaves images out */
export async function runIntakeMode(write: (line: string) => void): Promise<void> {
  const folder = process.env[folderVariable] ?? '';
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const images = files.filter((entry) => entry.isFile()).length;
  const { folder: place, remove } = temporaryFolder('intake');
  const { client, close } = openStudio();
  try {
    await serveRounds(write, { library: 'Atelier', device: 'CPU', threads: 1 }, async (amount) => {
      const path = join(mkdtempSync(join(place, `${amount}-`)), 'p.atelier');
      await client.project.create({ path });
      const start = performance.now();
      await followJob(client, () =>
        client.sources.import({ source: { kind: 'path', path: folder }, options: {} }),
      );
      const seconds = (performance.now() - start) / 1000;
      const imported = (await client.project.current())!.counts.total;
      if (imported !== images)
        throw new AtelierError('INTERNAL', `Expected ${images} images to be imported, received ${imported}.`);
      return { imagesPerSecond: images / seconds, loss: 0 };
    });
  } finally {
    await close();
    remove();
  }
}
