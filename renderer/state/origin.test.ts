import { expect, it } from 'vitest';
import type { Recipe } from '#contract/recipe.ts';
import { unfrozen } from './origin.svelte.ts';

const recipe = (backbone: string | null, frozenLayers: number) =>
  ({ model: { backbone }, training: { frozenLayers } }) as unknown as Recipe;

it('fresh weights are all trained, those of a backbone stay frozen as the recipe says', () => {
  expect(unfrozen(recipe(null, 3)).training.frozenLayers).toBe(0);
  expect(unfrozen(recipe('efficientnet-lite0', 19)).training.frozenLayers).toBe(19);
});
