import { describe, expect, it } from 'vitest';
import type { Class } from '#contract/project.ts';
import { findClasses, withRecent } from './class-finder.ts';

const classes = ['Ankle boot', 'Boot', 'Bootlace', 'École', 'Robot', 'T-shirt/top', 'Top hat'].map(
  (name, index): Class => ({
    id: index + 1,
    name,
    key: null,
    colour: '#4477aa',
    counts: { train: 0, validation: 0, test: 0, total: 0 },
  }),
);
const found = (query: string, recent: number[] = []) =>
  findClasses(classes, query, recent).map(({ name }) => name);

describe('a class is found by typing', () => {
  it('the name itself first, then its beginning, a word of it, anything in it', () => {
    expect(found('boot')).toEqual(['Boot', 'Bootlace', 'Ankle boot']);
    expect(found('bot')).toEqual(['Robot']);
    expect(found('top')).toEqual(['Top hat', 'T-shirt/top']);
    expect(found('zebra')).toEqual([]);
  });
  it('whatever its case and accents', () => {
    expect(found(' ECOLE ')).toEqual(['École']);
    expect(found('e\u0301c')).toEqual(['École']);
  });
  it('those used lately before the others that fit as well, and in front where nothing is typed', () => {
    expect(found('b', [3])).toEqual(['Bootlace', 'Boot', 'Ankle boot', 'Robot']);
    expect(found('', [6, 2]).slice(0, 3)).toEqual(['T-shirt/top', 'Boot', 'Ankle boot']);
    expect(found('', [99])).toHaveLength(7);
    expect(findClasses(classes, '')).toBe(classes);
  });
});

describe('the classes used lately', () => {
  it('take a new one in front and leave a known one in its place', () => {
    expect(withRecent([], 4)).toEqual([4]);
    expect(withRecent([4, 2], 2)).toEqual([4, 2]);
    expect(withRecent([1, 2, 3, 4, 5, 6], 7)).toEqual([7, 1, 2, 3, 4, 5]);
  });
});
