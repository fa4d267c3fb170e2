import { describe, expect, it } from 'vitest';
import { matrixOf } from './matrix.ts';
import { csvOf, pictureOf, svgOf } from './picture.ts';

const colour = (name: string) => `#${name.length.toString(16).repeat(6)}`;
const matrix = (more: Partial<Parameters<typeof matrixOf>[0]> = {}) =>
  matrixOf({
    confusion: [
      [9, 1],
      [0, 5],
    ],
    names: ['Coat', 'A & <B>'],
    normalization: 'none',
    order: [0, 1],
    ...more,
  });

describe('the matrix as a file', () => {
  it('is a drawing with a rectangle for each cell that is not empty, and its value', () => {
    const svg = svgOf(pictureOf(matrix(), 'Run "One", test images', colour));
    expect(svg.match(/<rect /g)).toHaveLength(1 + 3);
    expect(svg.match(/>(9|1|5)<\/text>/g)).toEqual(['>9</text>', '>1</text>', '>5</text>']);
    expect(svg).toContain('Run &quot;One&quot;, test images');
    expect(svg).toContain('A &amp; &lt;B&gt;');
    expect(svg).not.toContain('<B>');
  });

  it('has both colours where it is a difference, and says less whose it is', () => {
    const baseline = {
      name: 'One',
      confusion: [
        [8, 2],
        [0, 5],
      ],
    };
    const { rectangles, words } = pictureOf(matrix({ baseline }), 'Two', colour);
    expect(new Set(rectangles.map((one) => one.colour))).toEqual(
      new Set([colour('--accent'), colour('--warn')]),
    );
    expect(words.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['Counts, less those of One', '+1', '−1']),
    );
  });

  it('of a thousand classes stays a size that can be drawn', () => {
    const side = 1000;
    const confusion = Array.from({ length: side }, (_, row) =>
      Array.from({ length: side }, (_, column) => (row === column ? 50 : 0)),
    );
    const names = confusion.map((_, index) => `class ${index}`);
    const picture = pictureOf(
      matrix({ confusion, names, order: names.map((_, index) => index) }),
      'Many',
      colour,
    );
    expect(picture.width).toBeLessThan(4100);
    expect(picture.rectangles).toHaveLength(side);
  });

  it('is a table in the order and in the values that are shown', () => {
    expect(csvOf(matrix({ order: [1, 0], normalization: 'row' }))).toBe(
      'actual \\ predicted,A & <B>,Coat\r\nA & <B>,1,0\r\nCoat,0.1,0.9\r\n',
    );
  });
});
