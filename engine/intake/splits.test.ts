import { describe, expect, it } from 'vitest';
import type { Split } from '#contract/entities.ts';
import type { ReadItem } from './source.ts';
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
const countOf = (splits: Split[]) => ({
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
});
