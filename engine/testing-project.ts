/** For tests only: a project filled without a worker. */
import { join } from 'node:path';
import { appRoot } from './app-root.ts';
import { scanSource } from './intake/scan.ts';
import { storeSource } from './intake/store/store.ts';

/** The small part of Fashion-MNIST that comes with the program: 2,000 training and 500 test images. */
export const smallFashion = () => join(appRoot(), 'resources', 'fashion-mnist-small');

/** Imports it into a project folder. */
export const fillWithFashion = (project: string): Promise<void> =>
  fillWithFolder(project, smallFashion(), 'test');

/** Imports any source. */
export async function fillWithFolder(project: string, root: string, location = root): Promise<void> {
  const { signal } = new AbortController();
  const { read } = await scanSource(root, { location: root, options: {}, signal });
  const source = await read({
    pack: join(project, 'packs', 'import-test.part'),
    onProgress: () => undefined,
    signal,
  });
  (await storeSource(project, source, { location, root, startedAt: Date.now() })).commit();
}
