/** Tasks `open-bundle` and `predict-bundle`: an exported bundle, which may come from anybody, and image files through it. */
import { keptBundle } from '../bundle.ts';
import { endWithParent } from '../orphan.ts';
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
