/** A recipe that begins with a backbone, the same from the window as from the command line. */
import type { BackboneName } from './backbone-name.ts';
import type { Layer } from './layer.ts';
import type { Preprocessing } from './preprocessing.ts';
import type { Recipe } from './recipe.ts';

/** What a recipe takes of a backbone. */
export interface BackboneStart {
  name: BackboneName;
  /** Its own and those of a head behind them. */
  layers: Layer[];
  /** Its own. */
  frozenLayers: number;
  parameterBudget: number;
  preprocessing: Preprocessing;
}

/** The recipe with the backbone's layers in front of a head, frozen, at its size and normalisation; all else stays. */
export const beginWith = (
  recipe: Recipe,
  { name, layers, frozenLayers, parameterBudget, preprocessing }: BackboneStart,
): Recipe => ({
  ...recipe,
  preprocessing: { ...recipe.preprocessing, ...preprocessing },
  model: {
    ...recipe.model,
    backbone: name,
    layers,
    parameterBudget: Math.max(recipe.model.parameterBudget, parameterBudget),
  },
  training: { ...recipe.training, frozenLayers },
});
