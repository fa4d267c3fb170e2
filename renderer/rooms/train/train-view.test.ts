import { beforeEach, describe, expect, it } from 'vitest';
import { Comparison } from './compare/comparison.svelte.ts';
import { TrainView } from './train-view.svelte.ts';

let comparison: Comparison;
let view: TrainView;
beforeEach(() => {
  comparison = new Comparison();
  view = new TrainView(comparison);
});

describe('the view', () => {
  it('goes back to what the recipe was opened over', () => {
    for (const pane of ['run', 'compare', 'plan', 'study'] as const) {
      view.show(pane);
      view.show('recipe');
      view.show('recipe');
      view.closeRecipe();
      expect(view.pane).toBe(pane);
    }
  });

  it('ends comparing when one run is shown, and only then', () => {
    comparison.start('a');
    for (const pane of ['compare', 'recipe', 'plan', 'study'] as const) view.show(pane);
    expect(comparison.open).toBe(true);
    view.show('run');
    expect([comparison.open, comparison.ids]).toEqual([false, ['a']]);
  });

  it('shows the list that a pane belongs to', () => {
    view.show('plan');
    expect(view.list).toBe('studies');
    view.show('recipe');
    expect(view.list).toBe('studies');
    view.show('compare');
    expect(view.list).toBe('runs');
  });
});
