/**
 * What the parts of a training cost on the machine of reference: two cores of an AMD EPYC with AVX2, TensorFlow, float32.
 * From the plan alone. The coefficients were fitted to what `npm run bench:step-costs` measures for networks of 16 kinds, of
 * which nearly all came out within a fifth. Another machine is a factor of its own for each part: paces.ts.
 */
import { createHash } from 'node:crypto';
import type { Recipe } from '#recipe/recipe.ts';
import { changesOfViews } from '#recipe/views.ts';
import { isFrozen } from '#recipe/frozen.ts';
import type { Operation } from '#recipe/operation.ts';
import { product } from '#recipe/shape.ts';
import { countParameters, planOf } from '#recipe/plan.ts';
import { planFeatures, probedViews } from '#recipe/planned-features.ts';
import { predictedAtOnce, predictionBatch } from '#recipe/prediction-batch.ts';
import type { Cost } from './paces.ts';

/** How many images a training has to do with. */
export interface PartCounts {
  train: number;
  validation: number;
  test: number;
}

export interface TrainingCosts {
  /**
   * Of a process until its first step: the engine, the weights, tracing; without what its parts cost.
   * @param computesFeatures whether any are missing
   */
  start(computesFeatures: boolean): Cost;
  /** Of an image that is brought to size. */
  image: Cost;
  /** Of an image of which the frozen layers are computed; null where nothing is kept. */
  feature: Cost | null;
  /** Of each training image. */
  views: number;
  step: Cost;
  stepsPerEpoch: number;
  /** Of the probabilities of so many images: from features where they are kept. */
  answers(images: number): Cost;
  /** Of a checkpoint, on any machine. */
  checkpointInterval: number;
  /** Shorter epochs share a checkpoint. */
  secondsBetweenCheckpoints: number;
}

/** Behind kept features an epoch may take less than its checkpoint would, and a whole training less than this. */
export const secondsBetweenSharedCheckpoints = 3;

const multiplyAddsASecond = 91e9;
/** A depthwise convolution reads as much as others for far fewer multiply-adds. */
const depthwiseFactor = 8;
/** Of an operation, whatever its size: forward and backward in a step, and forward alone. */
const operationInStep = 2.8e-4;
const operationForward = 1.9e-4;
/** Of a step and of a call that answers, beside their operations: what small ones mostly take. */
const stepSeconds = 3e-4;
const callSeconds = 5e-4;
/** Of each number that an operation gives. */
const numberInStep = 1.26e-9;
const numberForward = 9e-11;
/** Images of a call while features are computed. */
const featuresAtOnce = 16;
/** Of a process and its engine; of weights that are drawn, read and told apart by their digest. */
const startSeconds = 0.8;
const weightBytesASecond = 1e7;
/** Of each operation that is recorded: in a step it is with its gradients, and once more where it answers. */
const traceSeconds = 5e-3;
const tracesOfStep = 3;
/** Of an original: opening it, decoding each of its pixels, and each pixel of the result. */
const originalSeconds = 1e-3;
const sourcePixelSeconds = 6e-9;
const sizedPixelSeconds = 1e-8;
/** Of each pixel that augmentation changes before its features are computed: taking it there and back, and each change. */
const changedPixelSeconds = 2e-8;
const changeOfPixelSeconds = 1.5e-8;
/** Of the regression of a linear probe, beside the features that it learns from. */
const regressionSeconds = 1;
/** Of a checkpoint: its files are put on the disk, weights and what the optimizer remembers. */
const checkpointInterval = 0.03;
const diskBytesASecond = 150e6;
const numbersOfAWeight = 4;

/** @param sourcePixels of an original, the median; 0 where they are kept as pixels */
export function trainingCosts(
  recipe: Recipe,
  classCount: number,
  counts: PartCounts,
  sourcePixels: number,
): TrainingCosts {
  const { training, model, augmentation } = recipe;
  const { height, width, channels } = recipe.preprocessing;
  const plan = planOf(recipe, classCount);
  const { operations } = plan;
  const planned = planFeatures({ plan }, recipe, {
    train: { length: counts.train },
    validation: { length: counts.validation },
  });
  const kept = planned.reason === null ? planned.count : 0;
  const before = workOf(operations.slice(0, kept));
  const behind = workOf(operations.slice(kept));
  const fixed = workOf(operations.slice(kept).filter((operation) => isFrozen(operation, recipe)));
  const input = kept === 0 ? 0 : product(operations[kept - 1]!.outputShape);
  const batch = Math.min(training.batchSize, Math.max(1, counts.train));
  const network = [height, width, channels, model.layers];
  const weightBytes = countParameters(plan.weights) * 4;
  const changes = changesOfViews(recipe).map(({ kind }) => kind);
  // Images as they are, and changed ones, are two functions.
  const tracesOfViews = changes.length > 0 ? 2 : 1;

  const predictedAtOnceOf = (images: number) =>
    kept === 0 ? predictionBatch(plan) : predictedAtOnce(Math.max(1, images), input);
  const answerSeconds = (images: number) => {
    const atOnce = predictedAtOnceOf(images);
    // The last call is as large as the others.
    const calls = Math.ceil(images / atOnce);
    return calls * (callSeconds + behind.operations * operationForward + atOnce * forwardOf(behind));
  };
  const probed = counts.train * (kept === 0 ? 1 : Math.min(probedViews, planned.views));
  const probeSeconds = probed * forwardOf(behind) + regressionSeconds;
  return {
    start: (computesFeatures) => ({
      part: 'start',
      key: keyOf(network, kept, computesFeatures, ...(training.linearProbe ? ['linear probe', probed] : [])),
      seconds:
        startSeconds +
        weightBytes / weightBytesASecond +
        (tracesOfStep * behind.operations + (computesFeatures ? tracesOfViews * before.operations : 0)) *
          traceSeconds +
        (training.linearProbe ? probeSeconds : 0),
    }),
    image: {
      part: 'images',
      key: keyOf(height, width, Math.round(Math.log2(1 + sourcePixels))),
      seconds: originalSeconds + sourcePixels * sourcePixelSeconds + height * width * sizedPixelSeconds,
    },
    feature:
      kept === 0
        ? null
        : {
            part: 'features',
            key: keyOf(
              ...[height, width, channels, model.layers.slice(0, training.frozenLayers), kept],
              ...(changes.length > 0 ? [changes] : []),
            ),
            seconds:
              (before.operations * operationForward) / featuresAtOnce +
              forwardOf(before) +
              height * width * (changes.length > 0 ? changedPixelSeconds : 0) +
              height * width * changes.length * changeOfPixelSeconds,
          },
    views: planned.views,
    step: {
      part: 'step',
      key: keyOf(network, kept, training.frozenLayers, batch, training.optimizer.kind, augmentation),
      seconds:
        stepSeconds +
        behind.operations * operationInStep +
        (batch * (3 * behind.multiplyAdds - 2 * fixed.multiplyAdds)) / multiplyAddsASecond +
        batch * (behind.numbers - (2 / 3) * fixed.numbers + 2 * input) * numberInStep,
    },
    stepsPerEpoch: Math.max(1, Math.floor(counts.train / batch)),
    answers: (images) => ({ part: 'answer', key: keyOf(network, kept), seconds: answerSeconds(images) }),
    checkpointInterval: checkpointInterval + (weightBytes * numbersOfAWeight) / diskBytesASecond,
    secondsBetweenCheckpoints: kept > 0 ? secondsBetweenSharedCheckpoints : 0,
  };
}

interface Work {
  operations: number;
  /** Depthwise ones count as many times as they are slower. */
  multiplyAdds: number;
  /** What all operations give. */
  numbers: number;
}

function workOf(operations: readonly Operation[]): Work {
  const work = { operations: operations.length, multiplyAdds: 0, numbers: 0 };
  for (const { kind, multiplyAdds, outputShape } of operations) {
    work.multiplyAdds += multiplyAdds * (kind === 'depthwise-conv' ? depthwiseFactor : 1);
    work.numbers += product(outputShape);
  }
  return work;
}

const forwardOf = ({ multiplyAdds, numbers }: Work) =>
  multiplyAdds / multiplyAddsASecond + numbers * numberForward;

const keyOf = (...parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
