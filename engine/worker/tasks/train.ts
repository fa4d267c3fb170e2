/** Task `train`: the pack and the run's snapshot in, events and the run's files out. The loop is learning's. */
import { AtelierError } from '#contract/errors.ts';
import { train as trainNetwork } from '#learning/training/train.ts';
import { providePack } from '../../images/pack.ts';
import { readSnapshot } from '../../project/snapshot.ts';
import { workerEngine } from '../engine.ts';
import { packPixels } from '../model.ts';
import type { TaskFunction } from '../protocol.ts';

export const train: TaskFunction<'train'> = async (input, { emit, signal }) => {
  const { project, folder, recipe, classCount, resume } = input;
  const snapshot = await readSnapshot(folder);
  if (!snapshot) throw new AtelierError('INTERNAL', `train expects a snapshot of the data in ${folder}.`);
  const pack = await providePack(project, recipe.preprocessing, snapshot.lastItemId, {
    signal,
    onProgress: (done, total) => emit({ kind: 'step', done, total, unit: 'images' }),
  });
  const pixels = await packPixels(pack);
  const engine = await workerEngine();
  const { labels, validation } = snapshot;
  const result = await trainNetwork(
    engine,
    recipe,
    { pixels, labels, train: snapshot.train, validation, classCount },
    { folder, onEvent: emit, signal, resume },
  );
  return {
    bestEpoch: result.bestEpoch,
    stopped: result.stopped,
    imagesPerSecond: result.imagesPerSecond,
  };
};
