import { describe, expect, it } from 'vitest';
import { estimateSeconds } from './estimate.ts';

const plan = { images: 48_000, epochs: 10, multiplyAdds: 20e6 };

describe('how long a training will take', () => {
  it('scales the measured pace by the work of the two networks', () => {
    expect(estimateSeconds(plan, { imagesPerSecond: 2000, multiplyAdds: 10e6 })).toBeCloseTo(480);
  });

  it('says nothing where nothing was measured, or nothing can be divided by', () => {
    expect(estimateSeconds(plan, null)).toBeNull();
    expect(estimateSeconds(plan, { imagesPerSecond: 0, multiplyAdds: 10e6 })).toBeNull();
    expect(
      estimateSeconds({ ...plan, multiplyAdds: 0 }, { imagesPerSecond: 10, multiplyAdds: 1 }),
    ).toBeNull();
  });
});
