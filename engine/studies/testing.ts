/**
 * For tests only: a training that is written out instead of computed, and the recipe it is of. An epoch takes a few
 * milliseconds and is kept in the run's folder, as a worker keeps its checkpoints.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recipe } from '#recipe/recipe.ts';
import type { EngineInfo, Epoch } from '#contract/run.ts';
import { epochOf, tinyRecipe } from '#contract/testing.ts';
import { nothingPacedInAll } from '#learning/timing/paced.ts';
import type { Input, Result, TaskEvent } from '../worker/protocol.ts';
import { drawFoldsTask, joinPartsTask } from '../worker/tasks/draw-split.ts';

export const recipe = tinyRecipe({ model: { layers: [{ kind: 'conv', filters: 4 }] } });
/** What a worker would say that it computes with. */
export const engine: EngineInfo = {
  kind: 'tensorflow',
  version: '0',
  device: 'CPU',
  threads: 1,
  precision: 'float32',
  bfloat16: null,
  passedOver: [],
};
/** What a network of this recipe answers after an epoch: the rate decides, more epochs help. */
const accuracyOf = ({ training: { learningRate, seed } }: Recipe, epoch: number) =>
  0.9 - Math.abs(Math.log10(learningRate) + 2) / 10 - 0.1 / epoch + seed / 1000;

/** All trainings of a test, in the order of their start. */
export class Trainings {
  readonly started: { input: Input<'train'>; from: number }[] = [];
  mostAtOnce = 0;
  #atOnce = 0;
  /** Called in the midst of each epoch; may throw what a worker would fail with. */
  onEpoch: (input: Input<'train'>, epoch: number) => void | Promise<void> = () => undefined;

  /** Stands for the worker's task `train`. */
  readonly train = async (
    input: Input<'train'>,
    tell: (event: TaskEvent<'train'>) => void,
    cancelled: Promise<never>,
  ): Promise<Result<'train'>> => {
    const file = join(input.folder, 'checkpoint-fake');
    const epochs: Epoch[] = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Epoch[]) : [];
    this.started.push({ input, from: epochs.length });
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    let stop = false;
    cancelled.catch(() => (stop = true));
    const end = (stopped: Result<'train'>['stopped']) => ({
      bestEpoch: epochs.length,
      stopped,
      imagesPerSecond: 1,
      paces: nothingPacedInAll,
    });
    try {
      tell({ kind: 'resumed', epochs: [...epochs], bestEpoch: epochs.length });
      tell({ kind: 'started', parameters: 7, steps: 10, engine });
      const { epochs: inAll } = input.recipe.training;
      while (epochs.length < inAll) {
        if (epochs.length >= (input.holdAfter ?? Infinity)) return end('held');
        await new Promise(setImmediate);
        if (stop) return end('cancelled');
        const epoch = epochs.length + 1;
        await this.onEpoch(input, epoch);
        if (stop) return end('cancelled');
        epochs.push(epochOf(epoch, { validationAccuracy: accuracyOf(input.recipe, epoch) }));
        writeFileSync(file, JSON.stringify(epochs));
        tell({ kind: 'epoch', epoch: epochs[epochs.length - 1]!, best: true });
      }
      return end('finished');
    } finally {
      this.#atOnce--;
    }
  };
}

/** Stand for a worker's tasks for folds: images that belong together are those the test says, and folds are drawn of them. */
export const foldTasks = (members: () => [itemId: number, group: number][] = () => []) => ({
  'group-images': ({ by, lastItemId }: Input<'group-images'>): Promise<Result<'group-images'>> =>
    Promise.resolve({
      ...{ by, lastItemId, seenBy: 'pictures', unmatched: 0, members: members(), pairs: [], keys: [] },
    }),
  'draw-folds': (input: Input<'draw-folds'>): Promise<Result<'draw-folds'>> =>
    drawFoldsTask(input, { emit: () => undefined, signal: new AbortController().signal }),
  'join-parts': (input: Input<'join-parts'>): Promise<Result<'join-parts'>> =>
    joinPartsTask(input, { emit: () => undefined, signal: new AbortController().signal }),
});
