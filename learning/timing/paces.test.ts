import { describe, expect, it } from 'vitest';
import type { Cost } from './paces.ts';
import { type Pace, type PaceEngine, ratioFor, withPaces } from './paces.ts';

const engine: PaceEngine = { kind: 'tensorflow', device: 'CPU', threads: 2, precision: 'float32' };
const cost = (part: Cost['part'], key: string, seconds = 1): Cost => ({ part, key, seconds });
const pace = (part: Cost['part'], key: string, ratio: number, more: Partial<Pace> = {}): Pace => ({
  ...{ part, key, engine, reference: 1, ratio },
  ...more,
});

describe('how a machine is to the reference', () => {
  it('is told by the same network first, the latest three of it', () => {
    const paces = [9, 2, 3, 4].map((ratio) => pace('step', 'a', ratio));
    expect(ratioFor([...paces, pace('step', 'b', 50)], engine, cost('step', 'a'))).toBe(3);
  });

  it('else by the networks whose cost is nearest, else by whatever computes', () => {
    const paces = [
      pace('step', 'tiny', 8, { reference: 0.001 }),
      pace('step', 'large', 1.5, { reference: 0.5 }),
      pace('step', 'larger', 1.7, { reference: 0.8 }),
      pace('step', 'largest', 1.6, { reference: 1 }),
      pace('start', 'a', 90),
    ];
    expect(ratioFor(paces, engine, cost('step', 'other', 0.7))).toBe(1.6);
    expect(ratioFor(paces.slice(1), engine, cost('features', 'f', 0.01))).toBe(1.6);
  });

  it('is not known by another device, nor a start by what computes', () => {
    const paces = [pace('step', 'a', 2)];
    expect(ratioFor(paces, { ...engine, device: 'another' }, cost('step', 'a'))).toBeNull();
    expect(ratioFor(paces, engine, cost('start', 'a'))).toBeNull();
    expect(ratioFor([], engine, cost('step', 'a'))).toBeNull();
  });

  it('is carried over between precisions and numbers of threads until they are measured themselves', () => {
    const paces = [pace('step', 'a', 2)];
    expect(ratioFor(paces, { ...engine, precision: 'bfloat16' }, cost('step', 'a'))).toBeCloseTo(1.24);
    expect(ratioFor(paces, { ...engine, threads: 1 }, cost('step', 'a'))).toBeCloseTo(3.6);
    const measured = pace('step', 'b', 7, { engine: { ...engine, threads: 1 } });
    expect(ratioFor([...paces, measured], { ...engine, threads: 1 }, cost('step', 'a'))).toBe(7);
  });
});

it('keeps the latest five of a kind, oldest first', () => {
  const before = [1, 2, 3, 4].map((ratio) => pace('step', 'a', ratio));
  const kept = withPaces([...before, pace('images', 'b', 1)], [pace('step', 'a', 5), pace('step', 'a', 6)]);
  expect(kept.filter(({ part }) => part === 'step').map(({ ratio }) => ratio)).toEqual([2, 3, 4, 5, 6]);
  expect(kept.filter(({ part }) => part === 'images')).toHaveLength(1);
});
