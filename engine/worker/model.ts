/** A trained run, ready to answer; the last is kept, because the next task mostly asks for the same. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tta } from '#contract/evaluation.ts';
import { openOutputReader, type OutputReader } from '#learning/evaluation/outputs.ts';
import { openPredictor, type Predictor } from '#learning/evaluation/predict.ts';
import { whyNoProbabilities } from '#learning/evaluation/probabilities.ts';
import { loadModel, type Model } from '#learning/model/model-file.ts';
import { buildNetwork, type Network } from '#learning/model/network.ts';
import { damaged } from '#learning/files/safetensors.ts';
import { predictionBatch } from '#recipe/prediction-batch.ts';
import { workerEngine } from './engine.ts';

export interface OpenModel extends Model {
  network: Network;
  predictor: Predictor;
  /** As `predictor`, of several images at once where that is of one: for many views of an image. */
  several: Predictor;
  /** For an answer rule. */
  outputs: OutputReader;
}

const batchOfViews = 28;

let last: { key: string; model: OpenModel; dispose(): void } | null = null;

/**
 * @param batchSize 1 for single pictures; null for as many as the network's size allows
 * @param tta test-time augmentation
 * @throws NOT_FOUND where the run has no weights yet, CHECKPOINT_DAMAGED
 */
export async function openModel(
  folder: string,
  batchSize: number | null,
  tta: Tta = 'none',
): Promise<OpenModel> {
  const model = await loadModel(folder);
  const { mtimeMs, size } = statSync(join(folder, 'model.safetensors'));
  const key = [folder, mtimeMs, size, batchSize, tta].join('|');
  if (last?.key === key) return last.model;
  last?.dispose();
  last = null;
  await workerEngine();
  const network = buildNetwork(model.recipe, model.classCount, model.weights);
  const predictor = openPredictor(network, model.normalisation, batchSize ?? undefined, tta);
  const several = openPredictor(
    network,
    model.normalisation,
    Math.min(batchOfViews, predictionBatch(network.plan)),
  );
  const outputs = openOutputReader(network, model.normalisation, batchSize ?? undefined);
  last = {
    key,
    model: { ...model, network, predictor, several, outputs },
    dispose() {
      outputs.dispose();
      predictor.dispose();
      several.dispose();
      network.dispose();
    },
  };
  return last.model;
}

/** A run's answers, one or several in a row. @throws CHECKPOINT_DAMAGED where they are no probabilities */
export function checkedProbabilities(answers: Float32Array, classCount: number): Float32Array {
  const why = answers.length === 0 ? null : whyNoProbabilities(answers, classCount);
  if (why !== null) throw damaged('weights that give probabilities', why);
  return answers;
}
