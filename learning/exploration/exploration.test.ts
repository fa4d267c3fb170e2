/** Colours of pictures, mean images and pixel histograms, against what can be said of them by hand. */
import { describe, expect, it } from 'vitest';
import { colourFacts } from './colour-facts.ts';
import { PictureTotals } from './picture-totals.ts';

const filled = (count: number, ...colour: number[]) =>
  Uint8Array.from({ length: count * colour.length }, (_, at) => colour[at % colour.length]!);

describe('colour', () => {
  it.each([
    ['red', [255, 0, 0], 100, 0],
    ['yellow', [200, 200, 0], 100, 60],
    ['green', [0, 128, 0], 100, 120],
    ['blue', [0, 0, 255], 100, 240],
    ['pink', [255, 128, 128], 49.8, 0],
  ])('of %s', (_name, colour, saturation, hue) => {
    const facts = colourFacts(filled(6, ...colour), 3);
    expect(facts.saturation).toBeCloseTo(saturation, 1);
    expect(Math.min(facts.hue, 360 - facts.hue)).toBeCloseTo(Math.min(hue, 360 - hue), 4);
  });

  it('has no hue in grey pictures, and grey pixels have no say in others', () => {
    expect(colourFacts(filled(4, 90), 1)).toEqual({ saturation: 0, hue: NaN });
    expect(colourFacts(filled(4, 90, 90, 90), 3)).toEqual({ saturation: 0, hue: NaN });
    const mixed = Uint8Array.of(0, 0, 255, 90, 90, 90);
    expect(colourFacts(mixed, 3)).toEqual({ saturation: 50, hue: expect.closeTo(240, 6) as number });
  });
});

describe('totals', () => {
  it('are the mean and the deviation of each class, and shares of pixel values', () => {
    const totals = new PictureTotals(2);
    totals.add(7, filled(16, 10), 4, 4, 1);
    totals.add(7, filled(16, 30), 4, 4, 1);
    // Left half red, right half black, of another size.
    const half = Uint8Array.from({ length: 8 * 6 * 3 }, (_, at) =>
      at % 3 === 0 && Math.floor(at / 3) % 8 < 4 ? 200 : 0,
    );
    totals.add(0, half, 8, 6, 3);
    const { classIds, means, pixels } = totals.result();
    expect([...classIds]).toEqual([0, 7]);
    expect([...means.subarray(0, 12)]).toEqual([200, 0, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0]);
    expect([...means.subarray(12, 24)]).toEqual(new Array(12).fill(0));
    expect([...means.subarray(24, 36)]).toEqual(new Array(12).fill(20));
    expect([...means.subarray(36, 48)]).toEqual(new Array(12).fill(10));
    for (let channel = 0; channel < 3; channel += 1) {
      const own = pixels.subarray(channel * 256, (channel + 1) * 256);
      expect(own.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
      expect([own[10], own[30]]).toEqual([expect.closeTo(1 / 3, 6), expect.closeTo(1 / 3, 6)]);
    }
    expect([pixels[0], pixels[200], pixels[256]]).toEqual(
      [1 / 6, 1 / 6, 1 / 3].map((share) => expect.closeTo(share, 6) as number),
    );
  });

  it('of pictures smaller than the mean image repeat their pixels, and of none are empty', () => {
    const totals = new PictureTotals(4);
    totals.add(1, Uint8Array.of(0, 100), 2, 1, 1);
    const { means } = totals.result();
    const red = [...means.subarray(0, 48)].filter((_, at) => at % 3 === 0);
    expect(red).toEqual([0, 0, 100, 100, 0, 0, 100, 100, 0, 0, 100, 100, 0, 0, 100, 100]);
    expect(new PictureTotals(4).result().classIds).toHaveLength(0);
  });
});
