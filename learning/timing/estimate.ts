/**
 * What a training will take: start-up, images, features, epochs and evaluation, each by what the reference says of it and how
 * this machine was to it before; and what a training that has ended says of this machine. Pure.
 */
import type { Recipe } from '#recipe/recipe.ts';
import type { TimeEstimate, TrainingParts } from '#contract/times.ts';
import type { TrainingPaces } from '#learning/timing/paced.ts';
import { type PartCounts, trainingCosts } from './costs.ts';
import type { Cost } from './paces.ts';
import { type Pace, type PaceEngine, ratioFor } from './paces.ts';

/** What a training has to do beside its steps. */
export interface ToDo extends PartCounts {
  /** Images that are brought to size first; none where a pack of them is kept, or nobody looks at them. */
  pack: number;
  /** Features that are missing: of the training, each view by itself, and of the test part. */
  features: number;
  testFeatures: number;
  /** Of an original, the median; 0 where they are kept as pixels. */
  sourcePixels: number;
  /** Whether its parts are evaluated at its end; a study asks for none. */
  evaluates: boolean;
}

/** How much faster and slower than the reference the machines were on which it was measured, and some room: two cores each. */
const fastest = 0.4;
const slowest = 1.7;
const coresOfReference = 2;
/** What is stated holds within this factor. */
const within = 1.5;

/**
 * @param paces of earlier trainings on this machine
 */
export function estimateTraining(
  recipe: Recipe,
  classCount: number,
  todo: ToDo,
  paces: readonly Pace[],
  engine: PaceEngine,
): TimeEstimate {
  const known = (cost: Cost) => ratioFor(paces, engine, cost);
  const measured = partsOf(recipe, classCount, todo, engine, known);
  // Without a pace of its steps nothing is known of a training, however well its start is.
  const { step } = trainingCosts(recipe, classCount, todo, todo.sourcePixels);
  if (known(step) !== null) {
    const seconds = sumOf(measured);
    return { seconds, low: seconds / within, high: seconds * within, parts: measured };
  }
  const share = coresOfReference / Math.max(1, engine.threads);
  const parts = partsOf(recipe, classCount, todo, engine, ({ part }) =>
    part === 'start' || part === 'images' ? 1 : share,
  );
  const seconds = sumOf(parts);
  return { seconds: null, low: seconds * fastest, high: seconds * slowest, parts };
}

/** What it is about, as far as its units depend on it. */
export interface UnitCounts extends PartCounts {
  sourcePixels: number;
  /** Whether any are missing: then their network has to be opened. */
  computesFeatures: boolean;
}

/** Seconds of what a training does again and again, and of what it does once. */
export interface UnitTimes {
  start: number;
  image: number;
  /** 0 where nothing is kept. */
  feature: number;
  /** All steps of an epoch, and what else belongs to it: validation, its part of a checkpoint. */
  steps: number;
  besideSteps: number;
  lastCheckpoint: number;
  /** Of what is evaluated at the end, its features apart. */
  answers: number;
}

/** @param ratio how much slower than the reference this machine is; null where that is not known */
export function unitTimes(
  recipe: Recipe,
  classCount: number,
  { train, validation, test, sourcePixels, computesFeatures }: UnitCounts,
  { precision }: Pick<PaceEngine, 'precision'>,
  ratio: (cost: Cost) => number | null,
): UnitTimes {
  const costs = trainingCosts(recipe, classCount, { train, validation, test }, sourcePixels);
  const secondsOf = (cost: Cost) => cost.seconds * (ratio(cost) ?? ratio(costs.step) ?? 1);
  const steps = costs.stepsPerEpoch * secondsOf(costs.step);
  const answering = secondsOf(costs.answers(validation));
  const epoch = steps + answering;
  // Epochs of less than the time between two checkpoints share one.
  const checkpoints = Math.min(1, epoch / (costs.secondsBetweenCheckpoints || epoch));
  const start = secondsOf(costs.start(computesFeatures));
  return {
    start,
    image: secondsOf(costs.image),
    feature: costs.feature ? secondsOf(costs.feature) : 0,
    steps,
    besideSteps: answering + checkpoints * costs.checkpointInterval,
    lastCheckpoint: costs.checkpointInterval,
    answers:
      answering +
      (test > 0 ? secondsOf(costs.answers(test)) : 0) +
      // What is evaluated computes in float32, in a process of its own where the training did not.
      (precision === 'float32' ? 0 : start),
  };
}

function partsOf(
  recipe: Recipe,
  classCount: number,
  todo: ToDo,
  engine: PaceEngine,
  ratio: (cost: Cost) => number | null,
): TrainingParts {
  const computesFeatures = todo.features > 0;
  const unit = unitTimes(recipe, classCount, { ...todo, computesFeatures }, engine, ratio);
  return {
    start: unit.start,
    images: todo.pack * unit.image,
    features: todo.features * unit.feature,
    epochs: unit.lastCheckpoint + recipe.training.epochs * (unit.steps + unit.besideSteps),
    evaluation: todo.evaluates ? todo.testFeatures * unit.feature + unit.answers : 0,
  };
}

/** What a training took, without its evaluation. */
export interface Measured {
  paces: TrainingPaces;
  /** From the start of the worker to its result. */
  seconds: number;
  counts: PartCounts;
  sourcePixels: number;
}

/** Less of something says nothing on its pace. */
const leastSeconds = 0.05;
const leastImages = 16;
const leastSteps = 3;

/** What it says of the machine: a pace for each part of which enough was done. */
export function pacesOf(
  recipe: Recipe,
  classCount: number,
  engine: PaceEngine,
  { paces, seconds, counts, sourcePixels }: Measured,
): Pace[] {
  const costs = trainingCosts(recipe, classCount, counts, sourcePixels);
  const { packed, features, steps, validations } = paces;
  const found: Pace[] = [];
  const add = ({ part, key, seconds: reference }: Cost, count: number, took: number) => {
    if (took > 0 && count > 0)
      found.push({ part, key, engine, reference, ratio: took / (count * reference) });
  };
  const one = ({ count, seconds: took }: { count: number; seconds: number }) =>
    count > 0 ? took / count : 0;
  if (packed.count >= leastImages) add(costs.image, packed.count, packed.seconds);
  if (costs.feature && features.count >= leastImages) add(costs.feature, features.count, features.seconds);
  if (steps.count >= leastSteps) add(costs.step, steps.count, steps.seconds);
  if (validations.seconds >= leastSeconds)
    add(costs.answers(counts.validation), validations.count, validations.seconds);
  // The rest is the start, where all else that was done has a pace.
  const unknown = features.all > 0 && features.count === 0;
  const epochs = validations.all;
  const shared = costs.secondsBetweenCheckpoints;
  const checkpoints = 1 + Math.min(epochs, shared > 0 ? steps.seconds / shared : epochs);
  const rest =
    seconds -
    packed.seconds -
    features.all * one(features) -
    steps.all * one(steps) -
    validations.all * one(validations) -
    checkpoints * costs.checkpointInterval;
  if (!unknown && steps.count >= leastSteps && rest > leastSeconds)
    add(costs.start(features.all > 0), 1, rest);
  return found;
}

const sumOf = ({ start, images, features, epochs, evaluation }: TrainingParts): number =>
  start + images + features + epochs + evaluation;
