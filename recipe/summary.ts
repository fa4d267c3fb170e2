/**
 * What a recipe's network costs, layer by layer, and whether it keeps its parameter budget.
 */
import { AtelierError } from '#contract/errors.ts';
import type { LayerSummary, ModelSummary } from './model-summary.ts';
import type { Recipe } from './recipe.ts';
import { checkAugmentation } from './check-augmentation.ts';
import { checkClassWeights } from './class-weights.ts';
import { checkNormalisation } from './check-normalisation.ts';
import { countParameters, type Plan, planOf } from './plan.ts';
import { receptiveFields } from './receptive-field.ts';

/**
 * Layer-by-layer summary; multiply-adds are per image. A network over its budget is not refused: see `keepBudget`.
 * @throws RECIPE_INVALID where layers, augmentations or class weights cannot work on these images and classes
 */
export function summarise(recipe: Recipe, classCount: number): ModelSummary {
  checkAugmentation(recipe);
  checkNormalisation(recipe.preprocessing);
  checkClassWeights(recipe.training.classWeights, classCount);
  const plan = planOf(recipe, classCount);
  const parameters = countParameters(plan.weights);
  const { parameterBudget } = recipe.model;
  return {
    layers: layersOf(plan),
    parameters,
    multiplyAdds: plan.operations.reduce((total, { multiplyAdds }) => total + multiplyAdds, 0),
    parameterBudget,
    withinBudget: parameters <= parameterBudget,
  };
}

function layersOf(plan: Plan): LayerSummary[] {
  const byLayer = new Map<string, LayerSummary>();
  const fields = receptiveFields(plan);
  for (const [index, operation] of plan.operations.entries()) {
    const [name] = operation.name.split('/') as [string];
    const line = byLayer.get(name) ?? {
      name,
      kind: name.replace(/^\d+\./, ''),
      outputShape: [],
      parameters: 0,
      multiplyAdds: 0,
      receptiveField: null,
    };
    line.outputShape = [...operation.outputShape];
    line.parameters += countParameters(operation.weights);
    line.multiplyAdds += operation.multiplyAdds;
    line.receptiveField = fields[index]!;
    byLayer.set(name, line);
  }
  return [...byLayer.values()];
}

/** @throws BUDGET_EXCEEDED with the layers that weigh most, where the network passes its parameter budget */
export function keepBudget(summary: ModelSummary): void {
  if (summary.withinBudget) return;
  const heaviest = [...summary.layers].sort((a, b) => b.parameters - a.parameters)[0]!;
  throw new AtelierError(
    'BUDGET_EXCEEDED',
    `The network has ${summary.parameters.toLocaleString('en')} parameters; the budget is ${summary.parameterBudget.toLocaleString('en')}. ` +
      `Make ${heaviest.name} smaller (it has ${heaviest.parameters.toLocaleString('en')}), or raise model.parameterBudget.`,
    { parameters: summary.parameters, budget: summary.parameterBudget, heaviest: heaviest.name },
  );
}
