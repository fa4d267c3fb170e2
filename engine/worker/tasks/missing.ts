/**
 * Task `missing`: how many images a training of a recipe would have to bring to size, and of how many to compute what its
 * frozen layers give. Looks at what is kept, computes nothing and opens no engine.
 */
import { readFile } from 'node:fs/promises';
import { givenNormalisation } from '#recipe/check-normalisation.ts';
import { featureKey, viewKey, viewsOf } from '#learning/model/feature-key.ts';
import { product } from '#recipe/shape.ts';
import { planOf } from '#recipe/plan.ts';
import { planFeatures } from '#recipe/planned-features.ts';
import { decodeSafetensors } from '#learning/files/safetensors.ts';
import { countMissing } from '../../images/features/feature-store.ts';
import { originalsUpTo } from '../../images/storage/originals.ts';
import { packIsKept } from '../../images/packs/pack.ts';
import { beginningOf } from '../beginning.ts';
import type { Input, TaskFunction } from '../protocol.ts';

export const missing: TaskFunction<'missing'> = async (input) => {
  const { project, recipe, lastItemId, train, validation, test } = input;
  const items = originalsUpTo(project, lastItemId);
  const features = await missingFeatures(
    input,
    items.map(({ hash }) => hash),
  );
  const looksAtPixels = features === null || features.training > 0 || features.test > 0;
  const kept = packIsKept(project, recipe.preprocessing, items, [...train, ...validation, ...test]);
  return {
    images: looksAtPixels && !kept ? items.filter(({ removed }) => !removed).length : 0,
    features: features?.training ?? 0,
    testFeatures: features?.test ?? 0,
  };
};

/** null where the training looks at pixels in any case. */
async function missingFeatures(
  { project, recipe, classCount, initial, train, validation, test }: Input<'missing'>,
  hashes: string[],
): Promise<{ training: number; test: number } | null> {
  const plan = planOf(recipe, classCount);
  const { count, views, reason } = planFeatures({ plan }, recipe, { train, validation });
  if (count === 0 || reason !== null) return null;
  const drawn = viewsOf(recipe, views).filter((view) => view !== null);
  const asTheyAre = drawn.length > 0 ? validation : [...new Set([...train, ...validation])];
  const all = { training: train.length * drawn.length + asTheyAre.length, test: test.length };
  const normalisation = givenNormalisation(recipe.preprocessing);
  const weights = normalisation && (await weightsToBeginWith(recipe, initial));
  // What is measured or drawn at the beginning makes others each time, or ones that nobody knows yet.
  const names = plan.operations.slice(0, count).flatMap((operation) => operation.weights);
  if (!weights || names.some(({ name, shape }) => weights.get(name)?.length !== product(shape))) return all;
  const base = featureKey(plan, normalisation, count, weights);
  const size = product(plan.operations[count - 1]!.outputShape);
  const missingOf = (key: string, rows: readonly number[]) =>
    countMissing(project, recipe.preprocessing, hashes, { key, size }, rows);
  let training = await missingOf(base, asTheyAre);
  for (const view of drawn) training += await missingOf(viewKey(base, view), train);
  return { training, test: await missingOf(base, test) };
}

/** By name; null where the run would begin with fresh ones. */
async function weightsToBeginWith(
  recipe: Input<'missing'>['recipe'],
  given: string | null,
): Promise<Map<string, Float32Array> | null> {
  const beginning = await beginningOf(given, recipe);
  if (!('initial' in beginning)) return null;
  const { tensors } = decodeSafetensors(await readFile(beginning.initial));
  const weights = new Map<string, Float32Array>();
  for (const [name, { data }] of tensors)
    // Of a checkpoint those that are trained on.
    if (data instanceof Float32Array) weights.set(name.replace(/^weights\//, ''), data);
  return weights;
}
