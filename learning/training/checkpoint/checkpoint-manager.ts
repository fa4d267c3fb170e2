/**
 * A run's files as the loop sees them: where it stood when it was last saved, and saving that waits for a full disk,
 * so that nothing that was learned is given up for want of space. What is in the files is checkpoint.ts and
 * model-file.ts, how they are written is files/durable-file.ts.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { AtelierError } from '#contract/errors.ts';
import { writeDurably } from '#learning/files/durable-file.ts';
import { loadModel, removeModel, saveModel } from '#learning/model/model-file.ts';
import {
  type Checkpoint,
  type CheckpointEngine,
  clearCheckpoints,
  loadCheckpoint,
  saveCheckpoint,
  type TrainState,
  type VariableValues,
} from './checkpoint.ts';
import type { Trainer } from '#learning/training/loop/trainer.ts';
import type { Totals } from '#learning/training/step/step.ts';
import type { Stopwatch } from '#learning/training/loop/stopwatch.ts';
import type { TrainingEvent, TrainingOptions } from '#learning/training/loop/training-options.ts';
import { readVariables, writeVariables } from './variables.ts';

export interface CheckpointManager {
  /**
   * Puts the variables at the last whole checkpoint; null, and as they were, where there is none.
   * @throws CONFLICT where that is of another recipe or other data; CHECKPOINT_DAMAGED where beginning again would
   * delete weights that nothing else holds
   */
  open(): Promise<Checkpoint | null>;
  /** Training begins here: the folder holds the kept weights of this state and no others. @returns as `save` */
  begin(trainState: TrainState): Promise<boolean>;
  /**
   * Puts the variables back to where they were last saved, or to the beginning.
   * @returns the steps done by then; null, and the variables as they are, where no checkpoint can be read any more
   */
  restore(): Promise<number | null>;
  /** True once a checkpoint within an epoch is due. */
  due(): boolean;
  /** True once the last one is `seconds` ago: epochs that are shorter share one. */
  dueAfterEpoch(seconds: number): boolean;
  /**
   * Saves unless nothing has changed since; the weights of the best epoch first, where it is another. Its time is no epoch's.
   * @param state finite
   * @returns false where it was cancelled while the disk was full
   */
  save(
    trainState: TrainState,
    state: VariableValues & { totals: Totals },
    stopwatch: Stopwatch,
  ): Promise<boolean>;
  /** Keeps the weights of the best epoch, where they are not kept yet: the run ends without another checkpoint. @returns as `save` */
  keepBest(trainState: TrainState): Promise<boolean>;
}

/** The files of one run; the trainer's variables are what it saves and puts back. @param identity of recipe, data and beginning (training-data.ts) */
export function openCheckpoints(
  { recipe, data, parts, variables, layout, step }: Trainer,
  { identity, engine }: { identity: string; engine: CheckpointEngine },
  options: TrainingOptions,
): CheckpointManager {
  const {
    folder,
    onEvent,
    signal,
    checkpointInterval = 20,
    retrySeconds = 2,
    write = writeDurably,
  } = options;
  /** What is on the disk, and since when. */
  let last = { stepsDone: 0, epochs: 0, bestEpoch: 0, time: performance.now() };
  let beginning: VariableValues | null = null;
  const insisting = (save: () => Promise<void>) => saveWithRetry(save, { onEvent, signal, retrySeconds });
  const load = async (onRejected: (file: string, reason: string) => void) => {
    const checkpoint = await loadCheckpoint(folder, layout, identity, onRejected);
    if (checkpoint) {
      writeVariables(variables, checkpoint);
      step.setTotals(checkpoint.totals);
    }
    return checkpoint;
  };

  const keepBest = async ({ best, bestEpoch: epoch }: TrainState) => {
    if (!best || epoch === last.bestEpoch) return true;
    const { normalisation } = parts;
    const model = { recipe, classCount: data.classCount, normalisation, weights: best, epoch };
    const done = await insisting(() => saveModel(folder, model, write));
    if (done) last = { ...last, bestEpoch: epoch };
    return done;
  };
  const secondsSince = () => (performance.now() - last.time) / 1000;

  return {
    async open() {
      if (!options.resume) await clearCheckpoints(folder);
      const rejected: string[] = [];
      const checkpoint = await load((file, reason) => {
        rejected.push(file);
        onEvent({ kind: 'checkpoint-rejected', file, reason });
      });
      if (checkpoint) last = { ...last, stepsDone: checkpoint.stepsDone, epochs: checkpoint.epochs.length };
      else if (options.resume) await spareKeptWeights(folder, rejected);
      return checkpoint;
    },
    async begin(trainState) {
      if (trainState.stepsDone === 0) beginning = await readVariables(variables);
      // A file that is there may be of an epoch after the checkpoint, or of an earlier run.
      if (trainState.best) return keepBest(trainState);
      await removeModel(folder);
      return true;
    },
    async restore() {
      const checkpoint = await load(() => undefined);
      if (checkpoint) return checkpoint.stepsDone;
      if (!beginning) return null;
      writeVariables(variables, beginning);
      return 0;
    },
    due: () => secondsSince() >= checkpointInterval,
    dueAfterEpoch: (seconds) => secondsSince() >= seconds,
    async save(trainState, state, stopwatch) {
      const { stepsDone, epochs } = trainState;
      if (last.stepsDone === stepsDone && last.epochs === epochs.length) return true;
      const activity = stopwatch.spendOn('nothing');
      const checkpoint = { identity, engine, ...trainState, ...state, elapsed: stopwatch.elapsed() };
      const done =
        (await keepBest(trainState)) &&
        (await insisting(() => saveCheckpoint(folder, layout, checkpoint, write)));
      if (done) {
        last = { ...last, stepsDone, epochs: epochs.length, time: performance.now() };
        beginning = null;
      }
      stopwatch.spendOn(activity);
      return done;
    },
    keepBest,
  };
}

/**
 * @param rejected the checkpoints of the folder, none of them whole
 * @throws CHECKPOINT_DAMAGED where the kept weights are whole
 */
async function spareKeptWeights(folder: string, rejected: readonly string[]): Promise<void> {
  const kept = await loadModel(folder).catch(() => null);
  // A run that was killed before its first checkpoint makes the weights of its first epoch again.
  if (!kept || (rejected.length === 0 && kept.epoch === 1)) return;
  const found = rejected.length === 0 ? 'found none' : `cannot read ${rejected.join(' or ')}`;
  throw new AtelierError(
    'CHECKPOINT_DAMAGED',
    `Going on expects a whole checkpoint, but ${found}, and beginning again would delete the kept weights of epoch ${kept.epoch}, which are whole. Start a new run that is fine-tuned from this one, or a fresh one.`,
    { rejected: [...rejected], epoch: kept.epoch },
  );
}

export interface RetryOptions {
  onEvent: (event: TrainingEvent) => void;
  /** Ends the waiting. */
  signal: AbortSignal;
  retrySeconds: number;
}

/**
 * Saves, as often as it takes while the disk is full, telling when it begins to wait and when that is over. A signal
 * that is aborted before leaves one attempt.
 * @returns false where the signal ended it
 * @throws FILE_NOT_WRITABLE and all else but DISK_FULL
 */
export async function saveWithRetry(
  save: () => Promise<void>,
  { onEvent, signal, retrySeconds }: RetryOptions,
): Promise<boolean> {
  for (let paused = false; ; paused = true) {
    try {
      await save();
      if (paused) onEvent({ kind: 'unpaused' });
      return true;
    } catch (error) {
      if (!(error instanceof AtelierError && error.code === 'DISK_FULL')) throw error;
      if (!paused) onEvent({ kind: 'paused', reason: error.toWire() });
      if (!signal.aborted) await wait(retrySeconds * 1000, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return false;
    }
  }
}
