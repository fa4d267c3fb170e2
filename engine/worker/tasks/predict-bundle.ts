/** Tasks `open-bundle` and `predict-bundle`: an exported bundle, which may come from anybody, and image files through it. */
import { Worker } from 'node:worker_threads';
import { keptBundle } from '../bundle.ts';
import type { TaskFunction } from '../protocol.ts';
import { readImage } from './full.ts';

export const openBundleTask: TaskFunction<'open-bundle'> = async ({ bundle }) => {
  endWithParent();
  const { classes, origin } = await keptBundle(bundle);
  return { classes, origin };
};

export const predictBundle: TaskFunction<'predict-bundle'> = async ({ bundle, image }) => {
  endWithParent();
  const { picture, name } = await readImage('', { kind: 'file', ...image });
  return (await keptBundle(bundle)).predict(picture, name);
};

const lookMilliseconds = 1000;

/** Runs in a thread of its own, whose event loop stays free. */
const watch = `
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, ${lookMilliseconds});
`;

let watching = false;

/** From now on; once is enough. */
function endWithParent(): void {
  if (watching) return;
  watching = true;
  new Worker(watch, { eval: true }).unref();
}
