/**
 * A network that is being trained, with all that its steps need, opened and closed together. Any step of the run can
 * be taken by its number, so that it can also be taken again. Which ones are taken, and when, is training-loop.ts.
 */
import type { Recipe } from '#recipe/recipe.ts';
import { learningRate } from '#recipe/learning-rate.ts';
import { openPredictor, type Predictor } from '#learning/evaluation/predict.ts';
import {
  buildNetwork,
  initialWeightsInTurns,
  type Known,
  type Network,
  type Weights,
} from '#learning/model/network.ts';
import { planOf } from '#recipe/plan.ts';
import { planFeatures } from '#recipe/planned-features.ts';
import { resolveNormalisation } from '#learning/model/preprocessing.ts';
import { type ResidentImages, residentImages } from '#learning/tensorflow/operations.ts';
import { openBatches } from './batches.ts';
import type { Layout, TrainState } from '#learning/training/checkpoint/checkpoint.ts';
import { resolveClassWeights } from '#recipe/class-weights.ts';
import { pixelsOf, type TrainingData } from './training-data.ts';
import { type KeepOptions, keepFeatures } from '#learning/training/frozen/kept-features.ts';
import { nothingPaced, type Paced } from '#learning/timing/paced.ts';
import { openHeadPredictor } from '#learning/training/frozen/behind-features.ts';
import { imagesOutOfMemory, isOutOfMemory } from './out-of-memory.ts';
import { openStep, type Step, type StepParts } from '#learning/training/step/step.ts';
import type { Variables } from '#learning/training/checkpoint/variables.ts';

/** Of features of frozen layers. */
export interface Prepared {
  /** Of each training image. */
  views: number;
  /** Why they are not kept; null where they are. */
  reason: string | null;
  /** Images that were looked at, each view by itself; the others were kept before. */
  computed: number;
  paced: Paced;
}

export interface Trainer {
  readonly recipe: Recipe;
  readonly data: TrainingData;
  readonly parts: StepParts;
  readonly variables: Variables;
  readonly layout: Layout;
  readonly step: Step;
  /** Whose answers count: the average, where the recipe averages. */
  readonly evaluated: Network;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  /** Of the whole run. */
  readonly steps: number;
  /**
   * @param number of the step in the run, from 1
   * @param trainState of the run: its epochs from that of the step on are not looked at
   */
  rateOf(number: number, trainState: Pick<TrainState, 'epochs'>): number;
  /** The images of a step, int32 [batchSize]. */
  batchOf(number: number, trainState: Pick<TrainState, 'stepsBefore'>): Int32Array;
  /** The same as rows of what a step gathers from: the images themselves, or a view of each where features are kept. */
  rowsOf(number: number, trainState: Pick<TrainState, 'stepsBefore'>): Int32Array;
  /**
   * Puts into memory what steps are taken on: once the weights are those of the beginning, before the first step.
   * @throws CANCELLED, OUT_OF_MEMORY
   */
  prepare(options: KeepOptions): Promise<Prepared | null>;
  /** What a step draws its randomness from, and what the optimizer counts by. */
  seedOf(number: number, trainState: Pick<TrainState, 'stepsBefore'>): [seed: number, number: number];
  /** Takes a step of the run. */
  trainStep(number: number, trainState: Pick<TrainState, 'epochs' | 'stepsBefore'>): void;
  /** Probabilities of the validation images, [n, classCount]. @throws CANCELLED */
  validate(signal: AbortSignal): Promise<Float32Array>;
  dispose(): void;
}

type Closing = { dispose(): void };

/** Of images that nobody looks at. */
const noPixels = new Uint8Array();

/**
 * The data with its pixels read, where the training looks at them from the beginning on; as it is where it learns from what
 * frozen layers gave. @throws what reading them throws
 */
export async function withNeededPixels(recipe: Recipe, data: TrainingData): Promise<TrainingData> {
  const { count, reason } = planFeatures({ plan: planOf(recipe, data.classCount) }, recipe, data);
  const looksAtFeatures = count > 0 && reason === null;
  if (looksAtFeatures && recipe.preprocessing.normalisation.kind === 'custom') return data;
  return { ...data, pixels: await pixelsOf(data) };
}

/**
 * Where a part of it cannot be opened, those opened before are closed.
 * @param data as `withNeededPixels` gives it
 * @param signal ends the drawing of the first weights, which takes minutes for the largest orthogonal kernels
 * @param known first weights that need not be drawn
 * @throws CANCELLED
 */
export async function openTrainer(
  recipe: Recipe,
  data: TrainingData,
  signal?: AbortSignal,
  known?: Known,
): Promise<Trainer> {
  const first = await initialWeightsInTurns(recipe, data.classCount, signal, known);
  const parts: Closing[] = [];
  const close = () => {
    for (const part of parts.splice(0).reverse()) part.dispose();
  };
  const open = <T extends Closing>(part: T): T => {
    parts.push(part);
    return part;
  };
  try {
    return { ...assemble(recipe, data, first, open), dispose: close };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * @param first weights of a fresh network
 * @param open takes what has to be closed, in the order of opening
 */
function assemble(
  recipe: Recipe,
  data: TrainingData,
  first: Weights,
  open: <T extends Closing>(part: T) => T,
): Omit<Trainer, 'dispose'> {
  const { training, preprocessing } = recipe;
  const { labels, classCount } = data;
  const pixels = data.pixels instanceof Uint8Array ? data.pixels : noPixels;
  const classWeights = resolveClassWeights(training, labels, data.train, classCount);
  const normalisation = resolveNormalisation(preprocessing, pixels, data.train);
  const batches = openBatches(training, labels, data.train);
  const steps = batches.count * training.epochs;

  const network = open(buildNetwork(recipe, classCount, first));
  const average = training.weightAveraging === null ? null : open(buildNetwork(recipe, classCount, first));
  const { height, width, channels } = preprocessing;
  const kept = planFeatures(network, recipe, data);
  const keepsFeatures = kept.count > 0 && kept.reason === null;
  const parts: StepParts = {
    ...{ recipe, network, average, normalisation, classWeights },
    images: keepsFeatures ? null : open(keptImages(pixels, [labels.length, height, width, channels])),
    features: null,
    labels,
  };
  const step = open(openStep(parts));
  const evaluated = average ?? network;
  let predictor: Pick<Predictor, 'predict'> = open(openPredictor(evaluated, normalisation));

  /** Of the epoch that was asked for last. */
  let order: { epoch: number; stepsBefore: number; batches: Int32Array[] } = {
    epoch: 0,
    stepsBefore: 0,
    batches: [],
  };
  const epochOf = (step: number) => Math.ceil(step / batches.count);
  const trainer: Omit<Trainer, 'dispose'> = {
    async prepare(options) {
      if (kept.count === 0) return null;
      const { views, reason } = kept;
      if (reason !== null) return { views, reason, computed: 0, paced: nothingPaced() };
      const features = open(await keepFeatures(network, recipe, data, normalisation, kept, options));
      parts.features = features;
      parts.labels = features.labels;
      predictor = open(openHeadPredictor(evaluated, features));
      return { views, reason, computed: features.computed, paced: features.paced };
    },
    recipe,
    data,
    parts,
    variables: { network, average, optimizerState: step.optimizerState },
    layout: { weights: network.plan.weights, trained: network.trainable.map(({ weight }) => weight) },
    step,
    evaluated,
    batchSize: batches.size,
    stepsPerEpoch: batches.count,
    steps,
    rateOf: (number, { epochs }) =>
      learningRate(training.schedule, training.learningRate, {
        step: number - 1,
        steps,
        stepsPerEpoch: batches.count,
        epochs: epochs.slice(0, epochOf(number) - 1),
      }),
    batchOf(number, { stepsBefore }) {
      const epoch = epochOf(number);
      if (order.epoch !== epoch || order.stepsBefore !== stepsBefore)
        order = { epoch, stepsBefore, batches: batches.epoch(epoch, stepsBefore) };
      return order.batches[(number - 1) % batches.count]!;
    },
    rowsOf(number, trainState) {
      const images = trainer.batchOf(number, trainState);
      const { features } = parts;
      return features ? images.map((image) => features.rowOf(image, epochOf(number) - 1)) : images;
    },
    seedOf: (number, { stepsBefore }) => [training.seed, stepsBefore + number],
    trainStep: (number, trainState) =>
      step.run(
        trainer.rowsOf(number, trainState),
        trainer.rateOf(number, trainState),
        trainer.seedOf(number, trainState)[1],
      ),
    validate: (signal) => predictor.predict(pixels, data.validation, { signal }),
  };
  return trainer;
}

/** @throws OUT_OF_MEMORY that says that it is the images */
function keptImages(pixels: Uint8Array, shape: ResidentImages['shape']): ResidentImages {
  try {
    return residentImages(pixels, shape);
  } catch (error) {
    throw isOutOfMemory(error) ? imagesOutOfMemory(shape[0], pixels.length, error) : error;
  }
}
