/**
 * The training loop, from top to bottom. Its input is a recipe and pixels, its output events and files in the
 * run's folder: `model.safetensors` (the kept weights) and the last two checkpoints. The arithmetic of a step is
 * step.ts, files are checkpoint.ts and model-file.ts; projects, processes and windows are left to engine/.
 */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { EngineInfo, Epoch } from '#contract/entities.ts';
import { AtelierError } from '#contract/errors.ts';
import type { Recipe } from '#contract/recipe.ts';
import { openPredictor } from '#learning/evaluation/predict.ts';
import { evaluate } from '#learning/evaluation/scores.ts';
import { removeModel, saveModel } from '#learning/model/model-file.ts';
import { buildNetwork, readWeights, type Weights, writeWeights } from '#learning/model/network.ts';
import { type Normalisation, resolveNormalisation } from '#learning/model/preprocessing.ts';
import { keepBudget, summarise } from '#learning/model/summary.ts';
import type { Engine } from '#learning/tensorflow/engine.ts';
import { residentImages } from '#learning/tensorflow/operations.ts';
import { openBatches } from './batches.ts';
import { isBetter, outOfPatience } from './best-epoch.ts';
import { clearCheckpoints, loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import { learningRate } from './schedules.ts';
import { openStep, type Totals } from './step.ts';
import { Stopwatch } from './stopwatch.ts';

export interface TrainingData {
  /** uint8 [count, height, width, channels] at the recipe's size. */
  pixels: Uint8Array;
  /** Class index of each image. */
  labels: Int32Array;
  /** Indices into pixels. */
  train: Int32Array;
  validation: Int32Array;
  classCount: number;
}

export type TrainingEvent =
  | { kind: 'started'; parameters: number; steps: number; engine: EngineInfo }
  /** A damaged checkpoint was passed over; training goes on from the one before. */
  | { kind: 'checkpoint-rejected'; file: string; reason: string }
  /** Before the first step of a resumed training: what its checkpoint holds; nothing, and 0, where there is none. */
  | { kind: 'resumed'; epochs: Epoch[]; bestEpoch: number }
  /** About four times a second: loss and accuracy over the steps since the last one. */
  | {
      kind: 'progress';
      step: number;
      steps: number;
      epoch: number;
      epochs: number;
      loss: number;
      accuracy: number;
      learningRate: number;
      imagesPerSecond: number;
      secondsLeft: number | null;
    }
  | { kind: 'epoch'; epoch: Epoch; best: boolean };

export interface TrainingOptions {
  /** The run's folder, made where it is missing. */
  folder: string;
  onEvent: (event: TrainingEvent) => void;
  signal: AbortSignal;
  /** Go on from the folder's last whole checkpoint; from the beginning where there is none. */
  resume: boolean;
}

export interface TrainingResult {
  epochs: Epoch[];
  /** Whose weights are in `model.safetensors`, from 1; 0 where it was cancelled before an epoch was done. */
  bestEpoch: number;
  normalisation: Normalisation;
  stopped: 'finished' | 'early' | 'cancelled';
  /** Mean over the training parts of all epochs. */
  imagesPerSecond: number;
}

const progressSeconds = 0.25;

/**
 * @throws BUDGET_EXCEEDED, RECIPE_INVALID, NOT_ENOUGH_DATA before anything is allocated; CONFLICT on resuming with
 * another recipe or other data; LOSS_NOT_FINITE with epoch and step; DISK_FULL, FILE_NOT_WRITABLE
 */
export async function train(
  engine: Engine,
  recipe: Recipe,
  data: TrainingData,
  { folder, onEvent, signal, resume }: TrainingOptions,
): Promise<TrainingResult> {
  const { training } = recipe;
  const { classCount } = data;
  const summary = summarise(recipe, classCount);
  keepBudget(summary);
  checkData(recipe, data);
  await mkdir(folder, { recursive: true });

  const normalisation = resolveNormalisation(recipe.preprocessing, data.pixels, data.train);
  const validationLabels = data.validation.map((index) => data.labels[index]!);
  const batches = openBatches(data.train, training.batchSize, training.seed);
  const steps = batches.count * training.epochs;
  const identity = identify(recipe, data);

  const network = buildNetwork(recipe, classCount);
  const average = training.weightAveraging === null ? null : buildNetwork(recipe, classCount);
  const judged = average ?? network;
  const { height, width, channels } = recipe.preprocessing;
  const images = residentImages(data.pixels, [data.labels.length, height, width, channels]);
  const step = openStep({ recipe, network, average, images, labels: data.labels, normalisation });
  const predictor = openPredictor(judged, normalisation);

  const epochs: Epoch[] = [];
  let bestEpoch = 0;
  let best: Weights = new Map();
  let stopped: TrainingResult['stopped'] = 'finished';

  try {
    if (resume) {
      const rejected = (file: string, reason: string) =>
        onEvent({ kind: 'checkpoint-rejected', file, reason });
      const checkpoint = await loadCheckpoint(folder, network.plan, identity, rejected);
      if (checkpoint) {
        epochs.push(...checkpoint.epochs);
        ({ bestEpoch, best } = checkpoint);
        writeWeights(network, checkpoint.weights);
        if (average && checkpoint.average) writeWeights(average, checkpoint.average);
        for (const [slot, variables] of step.slots) writeWeights({ variables }, checkpoint.slots.get(slot)!);
        // The file may be from an epoch after the checkpoint.
        await saveModel(folder, { recipe, classCount, normalisation, weights: best, epoch: bestEpoch });
      } else {
        await removeModel(folder);
      }
      onEvent({ kind: 'resumed', epochs: [...epochs], bestEpoch });
    } else {
      await clearCheckpoints(folder);
      await removeModel(folder);
    }
    onEvent({ kind: 'started', parameters: summary.parameters, steps, engine: engine.info });
    const stopwatch = new Stopwatch(batches.count, training.epochs);

    run: for (let epoch = epochs.length + 1; epoch <= training.epochs; epoch += 1) {
      if (outOfPatience(epochs, training.earlyStopping?.patience)) {
        stopped = 'early';
        break;
      }
      step.resetTotals();
      let seen: Totals = { loss: 0, correct: 0, steps: 0, firstNotFinite: 0 };
      let rate = training.learningRate;
      stopwatch.startEpoch(epoch);

      for (const [index, batch] of batches.epoch(epoch).entries()) {
        await turnOfEventLoop();
        if (signal.aborted) {
          stopped = 'cancelled';
          break run;
        }
        const done = (epoch - 1) * batches.count + index;
        rate = learningRate(training.schedule, training.learningRate, done, steps);
        step.run(batch, rate, done + 1);
        stopwatch.step();

        const last = index === batches.count - 1;
        if (!last && stopwatch.sinceReading() < progressSeconds) continue;
        const totals = await step.totals();
        if (totals.firstNotFinite > 0) throw lossNotFinite(epoch, totals.firstNotFinite, rate, bestEpoch);
        const images = (totals.steps - seen.steps) * batches.size;
        onEvent({
          kind: 'progress',
          step: done + 1,
          steps,
          epoch,
          epochs: training.epochs,
          loss: (totals.loss - seen.loss) / (totals.steps - seen.steps),
          accuracy: (totals.correct - seen.correct) / images,
          learningRate: rate,
          imagesPerSecond: images / stopwatch.read(),
          secondsLeft: stopwatch.secondsLeft(),
        });
        seen = totals;
      }
      const trainSeconds = stopwatch.endTraining();

      let probabilities: Float32Array;
      try {
        probabilities = await predictor.predict(data.pixels, data.validation, { signal });
      } catch (error) {
        if (!signal.aborted) throw error;
        stopped = 'cancelled';
        break;
      }
      const validation = evaluate(probabilities, validationLabels, classCount);
      if (!Number.isFinite(validation.loss))
        throw lossNotFinite(epoch, epoch * batches.count, rate, bestEpoch);
      const result: Epoch = {
        epoch,
        trainLoss: seen.loss / seen.steps,
        trainAccuracy: seen.correct / (seen.steps * batches.size),
        validationLoss: validation.loss,
        validationAccuracy: validation.accuracy,
        learningRate: rate,
        imagesPerSecond: (batches.count * batches.size) / trainSeconds,
        seconds: stopwatch.endEpoch(),
      };
      const better = isBetter(result, epochs[bestEpoch - 1]);
      epochs.push(result);
      if (better) {
        bestEpoch = epoch;
        best = await readWeights(judged);
        await saveModel(folder, { recipe, classCount, normalisation, weights: best, epoch });
      }
      const slots = new Map<string, Weights>();
      for (const [slot, variables] of step.slots) slots.set(slot, await readWeights({ variables }));
      await saveCheckpoint(folder, network.plan, {
        identity,
        epochs,
        bestEpoch,
        weights: await readWeights(network),
        average: average && (await readWeights(average)),
        slots,
        best,
      });
      onEvent({ kind: 'epoch', epoch: result, best: better });
    }
  } finally {
    predictor.dispose();
    step.dispose();
    images.dispose();
    average?.dispose();
    network.dispose();
  }
  return { epochs, bestEpoch, normalisation, stopped, imagesPerSecond: meanSpeed(epochs) };
}

/** Lets messages in between steps, so that cancelling takes a step at most. */
const turnOfEventLoop = () => new Promise<void>((resolve) => setImmediate(resolve));

function checkData(
  { preprocessing }: Recipe,
  { pixels, labels, train, validation, classCount }: TrainingData,
): void {
  const { height, width, channels } = preprocessing;
  const expected = labels.length * height * width * channels;
  if (pixels.length !== expected) {
    throw new AtelierError(
      'INTERNAL',
      `train expects ${expected} bytes of pixels for ${labels.length} images of ${height}×${width}×${channels}, received ${pixels.length}.`,
    );
  }
  for (const [split, indices] of Object.entries({ train, validation })) {
    if (indices.length > 0) continue;
    throw new AtelierError(
      'NOT_ENOUGH_DATA',
      `Training expects images for training and for validation, received none for ${split === 'train' ? 'training' : split}. Import more images, or change the validation share.`,
      { split },
    );
  }
  if (!labels.every((label) => label >= 0 && label < classCount)) {
    throw new AtelierError('INTERNAL', `train expects labels from 0 to ${classCount - 1}.`);
  }
}

/** Digest of all that decides the result, so that a run is not resumed as another one. */
function identify(recipe: Recipe, { pixels, labels, train, validation }: TrainingData): string {
  const hash = createHash('sha256').update(JSON.stringify(recipe));
  for (const part of [pixels, labels, train, validation]) {
    hash.update(`${part.length};`).update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest('hex');
}

function lossNotFinite(epoch: number, step: number, rate: number, bestEpoch: number): AtelierError {
  const kept =
    bestEpoch > 0 ? `The weights of epoch ${bestEpoch} are kept.` : 'No epoch was finished before.';
  return new AtelierError(
    'LOSS_NOT_FINITE',
    `The loss became infinite or not a number in epoch ${epoch}, at step ${step}, with learning rate ${rate.toPrecision(3)}. ${kept} Lower the learning rate, or warm up longer.`,
    { epoch, step, learningRate: rate, bestEpoch },
  );
}

function meanSpeed(epochs: Epoch[]): number {
  if (epochs.length === 0) return 0;
  // All epochs hold the same number of images, so times add up, not speeds.
  return epochs.length / epochs.reduce((seconds, { imagesPerSecond }) => seconds + 1 / imagesPerSecond, 0);
}
