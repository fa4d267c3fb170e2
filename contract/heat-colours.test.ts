/** Colours of heat beside matplotlib's table of viridis, and heat between the middles of its cells. */
import { describe, expect, test } from 'vitest';
import { heatAt, heatColour, heatOpacity } from './heat-colours.ts';

describe('heat', () => {
  // matplotlib.colormaps['viridis'], at 0, 64, 128, 191 and 255 of 255.
  test.each([
    [0, [68, 1, 84]],
    [64 / 255, [58, 82, 139]],
    [128 / 255, [33, 145, 140]],
    [191 / 255, [94, 201, 98]],
    [1, [253, 231, 37]],
  ])('at %f has the colour of viridis, within 5 of 255', (share, expected) => {
    heatColour(share).forEach((value, channel) =>
      expect(Math.abs(value - expected[channel]!)).toBeLessThanOrEqual(5),
    );
  });

  test('becomes lighter step by step, so that grey prints and colour-blind people show its order', () => {
    const luma = Array.from({ length: 101 }, (_, step) => {
      const [red, green, blue] = heatColour(step / 100);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    });
    luma.slice(1).forEach((value, at) => expect(value).toBeGreaterThan(luma[at]!));
  });

  test('is cut at its ends, and covers nothing where there is none', () => {
    expect(heatColour(-1)).toEqual(heatColour(0));
    expect(heatColour(7)).toEqual(heatColour(1));
    expect([heatOpacity(0, 0.8), heatOpacity(-1, 0.8), heatOpacity(1, 0.8)]).toEqual([0, 0, 0.8]);
  });

  test('is that of a cell at its middle, half of both between two, and goes on beyond the last', () => {
    const heat = { height: 1, width: 2, values: [0, 1] };
    expect([0, 0.25, 0.5, 0.75, 1].map((x) => heatAt(heat, x, 0.5))).toEqual([0, 0, 0.5, 1, 1]);
  });
});
