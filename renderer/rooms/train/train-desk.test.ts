import { beforeEach, describe, expect, it } from 'vitest';
import { Comparison } from './compare/comparison.svelte.ts';
import { TrainDesk } from './train-desk.svelte.ts';

let comparison: Comparison;
let desk: TrainDesk;
beforeEach(() => {
  comparison = new Comparison();
  desk = new TrainDesk(comparison);
});

describe('the desk', () => {
  it('goes back to what the recipe was opened over', () => {
    for (const pane of ['run', 'compare', 'plan', 'study'] as const) {
      desk.show(pane);
      desk.show('recipe');
      desk.show('recipe');
      desk.closeRecipe();
      expect(desk.pane).toBe(pane);
    }
  });

  it('ends comparing when one run is shown, and only then', () => {
    comparison.start('a');
    for (const pane of ['compare', 'recipe', 'plan', 'study'] as const) desk.show(pane);
    expect(comparison.open).toBe(true);
    desk.show('run');
    expect([comparison.open, comparison.ids]).toEqual([false, ['a']]);
  });

  it('shows the list that a pane belongs to', () => {
    desk.show('plan');
    expect(desk.list).toBe('studies');
    desk.show('recipe');
    expect(desk.list).toBe('studies');
    desk.show('compare');
    expect(desk.list).toBe('runs');
  });
});
