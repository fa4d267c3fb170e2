/**
 * The network whose features embed the images of a project: a backbone up to its global average pool, or a run up to what
 * its classifier looks at. Reads files; what is kept of features is left to engine/images/features/feature-store.ts.
 */
import type { BackboneName } from '#recipe/backbone-name.ts';
import type { Preprocessing } from '#recipe/preprocessing.ts';
import { Recipe } from '#recipe/recipe.ts';
import { openBackbone, requireBackbone } from '#learning/backbones/backbones.ts';
import { defineBackbone } from '#learning/backbones/definition.ts';
import { type FeatureReader, openFeatureReader } from '#learning/evaluation/features.ts';
import { featureKey } from '#learning/model/feature-key.ts';
import { loadModel, weightsOf } from '#learning/model/model-file.ts';
import { buildNetwork, type Weights } from '#learning/model/network.ts';
import { product } from '#recipe/shape.ts';
import { featureOperations, planOf } from '#recipe/plan.ts';
import { type Normalisation, resolveNormalisation } from '#learning/model/preprocessing.ts';
import { readInitial } from '#learning/training/checkpoint/initial.ts';

/** Where the network comes from. `side`: of the backbone's input in pixels, null for its own size. `folder`: of the run. */
export type EmbeddingOrigin =
  { kind: 'backbone'; name: BackboneName; side: number | null } | { kind: 'run'; folder: string };

export interface EmbeddingNetwork {
  preprocessing: Preprocessing;
  /** Numbers of an image. */
  size: number;
  /** Of all that an embedding depends on beside the pixels; a training on the same frozen layers has the same. */
  key: string;
  /** Needs the engine. */
  open(): FeatureReader & { dispose(): void };
}

/** @throws BACKBONE_NOT_FOUND, NOT_FOUND where the run has no weights, CHECKPOINT_DAMAGED */
export async function embeddingNetwork(origin: EmbeddingOrigin): Promise<EmbeddingNetwork> {
  const { recipe, classCount, normalisation, weights } =
    origin.kind === 'backbone' ? await backboneNetwork(origin) : await loadModel(origin.folder);
  const plan = planOf(recipe, classCount);
  const count = featureOperations(plan);
  return {
    preprocessing: recipe.preprocessing,
    size: product(plan.operations[count - 1]!.outputShape),
    key: featureKey(plan, normalisation, count, weights),
    open() {
      const network = buildNetwork(recipe, classCount, weights);
      const reader = openFeatureReader(network, normalisation, count);
      return {
        shape: reader.shape,
        read: reader.read,
        dispose() {
          reader.dispose();
          network.dispose();
        },
      };
    },
  };
}

export interface LoadedNetwork {
  recipe: Recipe;
  classCount: number;
  normalisation: Normalisation;
  weights: Weights;
}

/** A backbone and a classifier of zeros. @throws BACKBONE_NOT_FOUND */
export async function backboneNetwork({
  name,
  side,
}: {
  name: BackboneName;
  /** Of its input, in pixels; its own where null. */
  side: number | null;
}): Promise<LoadedNetwork> {
  requireBackbone(name);
  const { layers, preprocessing } = defineBackbone(name)!;
  // Only what a network needs to be made; nothing of it trains.
  const recipe = Recipe.parse({
    format: 'atelier-recipe/2',
    name: 'Embedding',
    preprocessing: { ...preprocessing, ...(side === null ? {} : { height: side, width: side }) },
    augmentation: [],
    model: { backbone: name, layers, parameterBudget: 50_000_000 },
    training: {
      optimizer: { kind: 'adamw' },
      learningRate: 1e-3,
      schedule: { kind: 'constant' },
      batchSize: 1,
      epochs: 1,
    },
  });
  const classCount = 2;
  const plan = planOf(recipe, classCount);
  const { tensors } = await readInitial(await openBackbone(name));
  const own = plan.weights.filter((weight) => !weight.name.startsWith('classifier/'));
  const weights = weightsOf({ weights: own }, new Map(tensors));
  for (const weight of plan.weights)
    if (!weights.has(weight.name)) weights.set(weight.name, new Float32Array(product(weight.shape)));
  return {
    recipe,
    classCount,
    normalisation: resolveNormalisation(recipe.preprocessing, new Uint8Array(0), []),
    weights,
  };
}
