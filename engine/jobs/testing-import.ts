/** For tests only: imports by real workers that are killed at a moment of their journal's. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportWorker } from './import-worker.ts';
import { forkWorker, type Spawner } from './workers.ts';

/**
 * Real workers, each watched until the next is asked for or `stop`.
 * @param packs folder in which the journal is
 * @param isDue told what the journal holds of the present worker, "" before it began, and its number, from 1; kills it where true
 */
export function watchedWorkers(packs: string, isDue: (lines: string, worker: number) => boolean) {
  let workers = 0;
  let watch: ReturnType<typeof setInterval> | undefined;
  const spawner: Spawner = () => {
    workers++;
    const handle = forkWorker();
    clearInterval(watch);
    watch = setInterval(() => {
      const journal = readdirSync(packs).find((name) => name.endsWith('.journal.part'));
      const lives = journal ? readFileSync(join(packs, journal), 'utf8').split('{"started":true}') : [];
      if (isDue(lives.length === workers + 1 ? lives.at(-1)! : '', workers)) handle.kill();
    }, 1);
    return handle;
  };
  return { spawner, count: () => workers, stop: () => clearInterval(watch) };
}

/** The three tasks of an import, one after the other. @param project, source folders */
export async function importByWorker(worker: ImportWorker, project: string, source: string) {
  const packs = join(project, 'packs');
  await worker.run('import-read', {
    project,
    folder: source,
    location: source,
    options: {},
    pack: join(packs, 'import-1.part'),
    unpackTo: join(packs, 'unpacked'),
  });
  const stored = await worker.run('import-store', { project, location: source, root: source });
  await worker.run('settle', { commit: true });
  return stored;
}
