/**
 * The training loop, from top to bottom. Its input is a recipe and pixels, its output events and files in the
 * run's folder: `model.safetensors` (the kept weights) and the last two checkpoints. The arithmetic of a step is
 * step.ts, files are checkpoint.ts and model-file.ts; projects, processes and windows are left to engine/.
 */
import { mkdir } from 'node:fs/promises';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Recipe } from '#recipe/recipe.ts';
import type { Epoch } from '#contract/run.ts';
import { isBetter, shouldStopEarly } from '#recipe/metrics/best-epoch.ts';
import { predictionsOf } from '#recipe/metrics/counts.ts';
import { validationScores } from '#recipe/metrics/scores.ts';
import { keepBudget, summarise } from '#recipe/summary.ts';
import type { Engine } from '#learning/tensorflow/engine.ts';
import {
  atTheBeginning,
  checkpointIdentity,
  engineOf,
  type TrainState,
  trainStateOf,
  type VariableValues,
} from '#learning/training/checkpoint/checkpoint.ts';
import { checkData, checkPrecision, identify, pixelsOf, type TrainingData } from './training-data.ts';
import { stepNotFinite, validationNotFinite } from './find-not-finite.ts';
import { begin, knownFrom, readInitial } from '#learning/training/checkpoint/initial.ts';
import { beginsProbed, fitClassifier } from '#learning/training/frozen/linear-probe.ts';
import { type Trainer, openTrainer, withNeededPixels } from './trainer.ts';
import { asOutOfMemory } from './out-of-memory.ts';
import { secondsBetweenSharedCheckpoints } from '#learning/timing/costs.ts';
import { nothingPaced } from '#learning/timing/paced.ts';
import { openCheckpoints } from '#learning/training/checkpoint/checkpoint-manager.ts';
import type { Totals } from '#learning/training/step/step.ts';
import { Stopwatch } from './stopwatch.ts';
import type { TrainingOptions, TrainingResult } from './training-options.ts';
import { firstNotFinite, openReading } from '#learning/training/checkpoint/variables.ts';

export type { TrainingData } from './training-data.ts';

const progressSeconds = 0.25;

/**
 * @throws BUDGET_EXCEEDED, RECIPE_INVALID, NOT_ENOUGH_DATA before anything is allocated, as is ENGINE_FAILED where the
 * engine computes in another precision than the recipe's; NOT_FOUND, CHECKPOINT_DAMAGED
 * and CONFLICT on beginning with a file that does not fit; CONFLICT on resuming with another recipe or other data;
 * CHECKPOINT_DAMAGED on resuming where no checkpoint is whole and the kept weights are;
 * CANCELLED while the first weights are drawn, before anything is made: later, `stopped` says so;
 * LOSS_NOT_FINITE with epoch, step and layer; OUT_OF_MEMORY with a batch size to try; FILE_NOT_WRITABLE
 */
export async function train(
  engine: Engine,
  recipe: Recipe,
  given: TrainingData,
  options: TrainingOptions,
): Promise<TrainingResult> {
  const { folder, onEvent, signal, holdAfter = Infinity, store } = options;
  const { training } = recipe;
  const summary = summarise(recipe, given.classCount);
  keepBudget(summary);
  checkData(recipe, given);
  checkPrecision(engine, recipe);
  const initial = options.initial === undefined ? null : await readInitial(options.initial);
  const beginning = initial?.sha256 ?? null;
  let data = await withNeededPixels(recipe, given);
  let identity = identify(recipe, data, beginning);
  if (options.resume && !(data.pixels instanceof Uint8Array)) {
    // Begun by a version that read the pixels of all runs, and took their digest.
    const earlier = await checkpointIdentity(folder);
    if (earlier !== null && earlier !== identity) {
      data = { ...data, pixels: await pixelsOf(data) };
      identity = identify(recipe, data, beginning);
    }
  }
  const validationLabels = data.validation.map((index) => data.labels[index]!);
  await mkdir(folder, { recursive: true });

  let trainer: Trainer | null = null;
  let stopped: TrainingResult['stopped'] = 'finished';
  try {
    trainer = await openTrainer(recipe, data, signal, initial ? knownFrom(initial) : undefined);
    const { step, steps, stepsPerEpoch, batchSize } = trainer;
    const used = engineOf(engine.info);
    const checkpoints = openCheckpoints(trainer, { identity, engine: used }, options);

    const checkpoint = await checkpoints.open();
    let at: TrainState = checkpoint ? trainStateOf(checkpoint) : atTheBeginning(0);
    if (!checkpoint && initial) {
      const { taken, stepsBefore, ...names } = begin(trainer.variables, initial, training.optimizer);
      at = atTheBeginning(stepsBefore);
      const available = initial.tensors.size;
      onEvent({ kind: 'initialised', how: initial.how, taken: taken.length, available, ...names });
    }
    const before = checkpoint?.engine ?? used;
    if (!isDeepStrictEqual(before, used)) onEvent({ kind: 'engine-changed', from: before, to: used });
    if (options.resume) onEvent({ kind: 'resumed', epochs: at.epochs, bestEpoch: at.bestEpoch });
    const features = await trainer.prepare({
      signal,
      store,
      onProgress: (done, total) => onEvent({ kind: 'features-step', done, total }),
    });
    if (features) {
      const { views, reason, computed } = features;
      onEvent({ kind: 'features', views, reason, computed });
    }
    if (at.stepsDone === 0 && beginsProbed(recipe, initial)) await fitClassifier(trainer, signal);
    if (!(await checkpoints.begin(at))) stopped = 'cancelled';
    const secondsBetweenEpochs = features?.reason === null ? secondsBetweenSharedCheckpoints : 0;
    onEvent({ kind: 'started', parameters: summary.parameters, steps, engine: engine.info });

    const stopwatch = new Stopwatch(stepsPerEpoch, training.epochs, checkpoint?.elapsed);
    const notFinite = async (failing: number) => {
      await checkpoints.keepBest(at);
      return stepNotFinite(trainer!, checkpoints, at, failing, signal);
    };
    const readVariables = openReading(trainer.variables);
    /** What the variables hold now; it is finite, or the run ends. */
    const finiteState = async (): Promise<VariableValues & { totals: Totals }> => {
      const totals = await step.totals();
      const { values, read } = await readVariables();
      // A step's loss tells of the weights before its update: those after it may be the first to go.
      if (totals.firstNotFinite > 0) throw await notFinite(totals.firstNotFinite - at.stepsBefore);
      if ((await firstNotFinite(read)) !== null) throw await notFinite(at.stepsDone + 1);
      return { ...values, totals };
    };
    /** @returns false where it was cancelled while the disk was full */
    const save = async () => checkpoints.save(at, await finiteState(), stopwatch);

    run: while (stopped === 'finished' && at.epochs.length < training.epochs) {
      const epoch = at.epochs.length + 1;
      if (shouldStopEarly(at.epochs, training.earlyStopping?.patience)) stopped = 'early';
      else if (epoch > holdAfter) stopped = 'held';
      if (stopped !== 'finished') break;

      const lastStep = epoch * stepsPerEpoch;
      let seen = await step.totals();
      stopwatch.spendOn('training');
      while (at.stepsDone < lastStep) {
        await turnOfEventLoop();
        if (signal.aborted || (checkpoints.due() && !(await save()))) {
          stopped = 'cancelled';
          break run;
        }
        trainer.trainStep(at.stepsDone + 1, at);
        at = { ...at, stepsDone: at.stepsDone + 1 };
        stopwatch.step();

        if (at.stepsDone < lastStep && stopwatch.sinceReading() < progressSeconds) continue;
        const totals = await step.totals();
        if (totals.firstNotFinite > 0) throw await notFinite(totals.firstNotFinite - at.stepsBefore);
        const images = (totals.steps - seen.steps) * batchSize;
        onEvent({
          kind: 'progress',
          step: at.stepsDone,
          steps,
          epoch,
          epochs: training.epochs,
          loss: (totals.loss - seen.loss) / (totals.steps - seen.steps),
          accuracy: (totals.correct - seen.correct) / images,
          learningRate: trainer.rateOf(at.stepsDone, at),
          imagesPerSecond: images / stopwatch.read(),
          secondsLeft: stopwatch.secondsLeft(at.stepsDone),
        });
        seen = totals;
      }

      stopwatch.spendOn('nothing');
      const trained = await finiteState();
      stopwatch.spendOn('validation');
      const probabilities = await trainer.validate(signal).catch((error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      });
      if (!probabilities) {
        stopped = 'cancelled';
        break;
      }
      const validation = validationScores(
        predictionsOf(probabilities, validationLabels, data.classCount, training.topK),
      );
      if (!Number.isFinite(validation.validationLoss)) {
        await checkpoints.keepBest(at);
        throw await validationNotFinite(trainer, at, probabilities);
      }
      const seconds = stopwatch.endEpoch();
      const result: Epoch = {
        epoch,
        trainLoss: seen.loss / seen.steps,
        trainAccuracy: seen.correct / (seen.steps * batchSize),
        ...validation,
        learningRate: trainer.rateOf(at.stepsDone, at),
        imagesPerSecond: (stepsPerEpoch * batchSize) / seconds.training,
        seconds: seconds.all,
      };
      const best = isBetter(result, at.epochs[at.bestEpoch - 1]);
      at = { ...at, epochs: [...at.epochs, result] };
      if (best) at = { ...at, bestEpoch: epoch, best: trained.average ?? trained.weights };
      step.resetTotals();
      if (checkpoints.dueAfterEpoch(secondsBetweenEpochs)) {
        const state = { ...trained, totals: await step.totals() };
        if (!(await checkpoints.save(at, state, stopwatch))) {
          stopped = 'cancelled';
          break;
        }
      }
      onEvent({ kind: 'epoch', epoch: result, best });
    }
    // Nothing is lost by cancelling either: what was done since the last checkpoint is kept as well.
    if (!(await save())) stopped = 'cancelled';
    return {
      epochs: at.epochs,
      bestEpoch: at.bestEpoch,
      normalisation: trainer.parts.normalisation,
      stopped,
      imagesPerSecond: meanSpeed(at.epochs),
      paces: {
        features: { ...(features?.paced ?? nothingPaced()), all: features?.computed ?? 0 },
        ...stopwatch.paces(),
      },
    };
  } catch (error) {
    throw asOutOfMemory(error, recipe, data.classCount, data.train.length);
  } finally {
    trainer?.dispose();
  }
}

function meanSpeed(epochs: Epoch[]): number {
  if (epochs.length === 0) return 0;
  // All epochs hold the same number of images, so times add up, not speeds.
  return epochs.length / epochs.reduce((seconds, { imagesPerSecond }) => seconds + 1 / imagesPerSecond, 0);
}
