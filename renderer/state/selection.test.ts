import { describe, expect, it } from 'vitest';
import { Selection } from './selection.svelte.ts';

describe('selection', () => {
  it('is the cursor where nothing is selected', () => {
    const selection = new Selection();
    selection.move(4);
    expect(selection.targets()).toEqual([4]);
    expect(selection.has(4)).toBe(false);
  });

  it('draws a range from the anchor, and redraws it as Shift moves on', () => {
    const selection = new Selection();
    selection.move(5);
    selection.extend(8);
    selection.extend(3);
    expect(selection.targets()).toEqual([3, 4, 5]);
    expect(selection.cursor).toBe(3);
  });

  it('keeps what Ctrl has picked when a range is drawn from the last pick', () => {
    const selection = new Selection();
    selection.move(0);
    selection.toggle(2);
    selection.toggle(9);
    selection.extend(11);
    expect(selection.targets()).toEqual([2, 9, 10, 11]);
    selection.toggle(2);
    expect(selection.targets()).toEqual([9, 10, 11]);
  });

  it('is inverted: all where nothing is selected, nothing where all is', () => {
    const selection = new Selection();
    selection.toggle(1);
    selection.toggle(3);
    selection.invert(5);
    expect(selection.targets()).toEqual([0, 2, 4]);
    selection.clear();
    selection.invert(3);
    expect(selection.targets()).toEqual([0, 1, 2]);
    selection.invert(3);
    expect(selection.indices.size).toBe(0);
  });

  it('forgets all with a plain move', () => {
    const selection = new Selection();
    selection.all(100);
    expect(selection.indices.size).toBe(100);
    selection.move(7);
    expect(selection.targets()).toEqual([7]);
  });
});
