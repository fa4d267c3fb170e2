import { describe, expect, it } from 'vitest';
import type { Split } from '#contract/project.ts';
import type { ReadItem } from '../importer.ts';
import { assignSplits } from './splits.ts';

const draw = { validationShare: 0.2, testShare: 0.15, seed: 1 };
const item = (index: number, part: ReadItem['part'], hash = `h${index}`): ReadItem => ({
  name: `${index}`,
  className: String(index % 2),
  part,
  width: 1,
  height: 1,
  hash,
  position: index,
  length: 0,
});
const many = (count: number, part: ReadItem['part'], from = 0) =>
  Array.from({ length: count }, (_, index) => item(from + index, part));
const countOf = (splits: (Split | null)[]) => ({
  train: splits.filter((split) => split === 'train').length,
  validation: splits.filter((split) => split === 'validation').length,
  test: splits.filter((split) => split === 'test').length,
});

describe('assignSplits', () => {
  it('holds out a test part where the source has none', () => {
    expect(countOf(assignSplits(many(200, 'pool'), new Map(), draw))).toEqual({
      test: 30,
      validation: 34,
      train: 136,
    });
  });
  it('keeps the test part of the source, and draws validation from the rest', () => {
    const splits = assignSplits([...many(100, 'pool'), ...many(50, 'test', 100)], new Map(), draw);
    expect(countOf(splits)).toEqual({ train: 80, validation: 20, test: 50 });
    expect(splits.slice(100).every((split) => split === 'test')).toBe(true);
  });
  it('keeps the validation part of the source', () => {
    const splits = assignSplits(
      [...many(100, 'pool'), ...many(10, 'validation', 100), ...many(10, 'test', 110)],
      new Map(),
      draw,
    );
    expect(countOf(splits)).toEqual({ train: 100, validation: 10, test: 10 });
  });
  it('puts an image that the project knows beside its copy', () => {
    const known = new Map<string, Split>([
      ['h0', 'test'],
      ['h1', 'train'],
    ]);
    const splits = assignSplits(many(100, 'pool'), known, draw);
    expect(splits.slice(0, 2)).toEqual(['test', 'train']);
  });
  it('draws nothing into a part that the source fixed, though none of it is new', () => {
    const fixed = [...many(50, 'test'), ...many(10, 'validation', 50)];
    const added = many(40, 'pool', 60);
    expect(countOf(assignSplits(added, new Map(), draw, [...fixed, ...added]))).toEqual({
      train: 40,
      validation: 0,
      test: 0,
    });
  });
  it('serves training and validation before test where a class is small', () => {
    const classes = (size: number) =>
      Array.from({ length: 300 }, (_, index) =>
        many(size, 'pool', index * size).map((one) => ({ ...one, className: `c${index}` })),
      ).flat();
    expect(countOf(assignSplits(classes(1), new Map(), draw))).toEqual({
      train: 300,
      validation: 0,
      test: 0,
    });
    expect(countOf(assignSplits(classes(2), new Map(), draw))).toEqual({
      train: 300,
      validation: 300,
      test: 0,
    });
    expect(countOf(assignSplits(classes(3), new Map(), draw))).toEqual({
      train: 300,
      validation: 300,
      test: 300,
    });
  });
  it('draws validation from a class of two where the source fixes the test part', () => {
    const one = (index: number, part: ReadItem['part']) => ({ ...item(index, part), className: 'a' });
    expect(assignSplits([one(0, 'pool'), one(1, 'pool'), one(2, 'test')], new Map(), draw)).toEqual(
      expect.arrayContaining(['train', 'validation', 'test']),
    );
  });
  it('keeps a group in one part, with the part that the source fixed for any of it', () => {
    const grouped = many(120, 'pool').map((one, index) => ({ ...one, group: `g${Math.floor(index / 6)}` }));
    const splits = assignSplits(grouped, new Map(), draw);
    for (let group = 0; group < 20; group++)
      expect(new Set(splits.slice(group * 6, group * 6 + 6)).size).toBe(1);
    expect(Object.values(countOf(splits)).every((count) => count > 0)).toBe(true);

    const fixed = [{ ...item(500, 'test'), group: 'g0' }, ...grouped];
    expect(assignSplits(fixed, new Map(), draw).slice(0, 7)).toEqual(new Array(7).fill('test'));
    const known = new Map<string, Split>([['h0', 'validation']]);
    expect(assignSplits(grouped, known, draw).slice(0, 6)).toEqual(new Array(6).fill('validation'));
  });
  it('leaves an open image in the draw though the source fixed a copy of it', () => {
    const copies = [{ ...item(500, 'test', 'h0') }, ...many(100, 'pool')];
    const splits = assignSplits(copies, new Map(), draw);
    expect(splits[0]).toBe('test');
    expect(splits[1]).not.toBe('test');
  });
  it('draws no test part where its share is 0', () => {
    expect(countOf(assignSplits(many(100, 'pool'), new Map(), { ...draw, testShare: 0 })).test).toBe(0);
  });
});
