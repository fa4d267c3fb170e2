import { describe, expect, it } from 'vitest';
import { Augmentation, Layer } from '#contract/recipe.ts';
import { moveBy, newAugmentation, newLayer } from './words.ts';

describe('new parts of a recipe', () => {
  it.each(Object.entries(newAugmentation))('%s is valid as it starts', (kind, start) => {
    expect(Augmentation.parse(start)).toEqual(start);
    expect(start.kind).toBe(kind);
  });
  it.each(Object.entries(newLayer))('%s is valid as it starts', (kind, start) => {
    expect(Layer.parse(start)).toEqual(start);
    expect(start.kind).toBe(kind);
  });

  it('move by one place, and stay at the ends', () => {
    const list = ['a', 'b', 'c'];
    moveBy(list, 0, 1);
    moveBy(list, 0, -1);
    moveBy(list, 2, 1);
    expect(list).toEqual(['b', 'a', 'c']);
  });
});
