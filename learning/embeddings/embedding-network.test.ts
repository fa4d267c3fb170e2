/** Which network embeds, and that a training behind the same frozen layers shares what is kept. Needs no engine. */
import { expect, test } from 'vitest';
import { autoRecipe } from '#recipe/auto-recipe.ts';
import { featureKey } from '#learning/model/feature-key.ts';
import { keptOperations } from '#recipe/frozen.ts';
import { weightsOf } from '#learning/model/model-file.ts';
import { featureOperations, planOf } from '#recipe/plan.ts';
import { resolveNormalisation } from '#learning/model/preprocessing.ts';
import { presets } from '#recipe/presets.ts';
import { fashionMnist } from '#recipe/project-facts.ts';
import { openBackbone } from '#learning/backbones/backbones.ts';
import { readInitial } from '#learning/training/checkpoint/initial.ts';
import { smallRecipe } from '#learning/training/testing.ts';
import { embeddingNetwork } from './embedding-network.ts';

test('a head on the frozen backbone, as auto trains it, looks at the embeddings', async () => {
  const facts = { ...fashionMnist, width: 500, height: 375, colour: true, backbones: ['efficientnet-lite0'] };
  const { recipe } = autoRecipe(facts as Parameters<typeof autoRecipe>[0], presets.quick.recipe);
  const network = await embeddingNetwork({ kind: 'backbone', name: 'efficientnet-lite0', side: 224 });
  expect(network.size).toBe(1280);
  const { normalisation, ...framing } = recipe.preprocessing;
  expect(network.preprocessing).toMatchObject(framing);

  const plan = planOf(recipe, 7);
  const count = keptOperations(plan, recipe);
  const { tensors } = await readInitial(await openBackbone('efficientnet-lite0'));
  const own = plan.weights.filter(({ name }) => !name.startsWith('classifier/'));
  const weights = weightsOf({ weights: own }, new Map(tensors));
  const resolved = resolveNormalisation({ ...recipe.preprocessing, normalisation }, new Uint8Array(0), []);
  expect(network.key).toBe(featureKey(plan, resolved, count, weights));
});

test('another backbone, and another input, have other embeddings', async () => {
  const of = (name: 'efficientnet-lite0' | 'efficientnet-lite2', side: number) =>
    embeddingNetwork({ kind: 'backbone', name, side });
  const [small, large] = [await of('efficientnet-lite0', 96), await of('efficientnet-lite2', 96)];
  expect(small.key).not.toBe(large.key);
  expect(small.preprocessing).toMatchObject({ width: 96, height: 96, channels: 3 });
});

test('of a run it is what the classifier looks at, whatever drops before it', () => {
  const last = (layers: unknown[]) => {
    const plan = planOf(smallRecipe({ model: { layers } }), 10);
    return plan.operations[featureOperations(plan) - 1]!;
  };
  const conv = { kind: 'conv', filters: 4 };
  expect(last([conv]).name).toBe('pool');
  expect(last([conv, { kind: 'dropout', rate: 0.3 }]).outputShape).toEqual([4]);
  expect(
    last([conv, { kind: 'flatten' }, { kind: 'dense', units: 5 }, { kind: 'dropout', rate: 0.5 }]),
  ).toMatchObject({
    kind: 'activation',
    outputShape: [5],
  });
});
