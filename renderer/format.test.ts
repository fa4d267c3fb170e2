import { describe, expect, it } from 'vitest';
import {
  bytes,
  counted,
  duration,
  durationRange,
  figure,
  moment,
  percent,
  progressWords,
  short,
} from './format.ts';

const plain = (text: string) => text.replaceAll(/[\u202f\u00a0]/g, ' ');

describe('figures', () => {
  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 0 s'],
    [200, '3 min 20 s'],
    [3599.9, '1 h 0 min'],
    [3900, '1 h 5 min'],
    [Number.NaN, '–'],
  ])('duration of %s seconds', (seconds, text) => expect(plain(duration(seconds))).toBe(text));

  it.each([
    [295, 886, '5–15 min'],
    [1435, 4300, '20 min–1 h'],
    [10, 30, '10–30 s'],
    [3, 5, 'up to 5 s'],
    [20, 110, '20 s–2 min'],
    [4000, 12_000, '1–3 h'],
    [600, 620, '10 min'],
  ])('%s to %s seconds, roughly', (low, high, text) => expect(plain(durationRange(low, high))).toBe(text));

  it('percents keep their digits', () => {
    expect(plain(percent(0.9033))).toBe('90.33 %');
    expect(plain(percent(1, 0))).toBe('100 %');
    expect(percent(null)).toBe('–');
  });

  it('losses keep four digits however small', () => {
    expect([0.123456, 12345.6, 0, 0.0000123].map((value) => figure(value))).toEqual([
      '0.1235',
      '12350',
      '0',
      '1.23e-5',
    ]);
    expect(figure(Number.NaN)).toBe('–');
  });

  it('sizes and long counts', () => {
    expect([0, 999, 1500, 288e6].map((size) => plain(bytes(size)))).toEqual([
      '0 B',
      '999 B',
      '1.5 kB',
      '288 MB',
    ]);
    expect([70_000, 65_834, 1_234_567].map((value) => plain(short(value)))).toEqual([
      '70.0 k',
      '65.8 k',
      '1.2 M',
    ]);
    expect([counted(1, 'class', 'classes'), counted(70_000, 'image')]).toEqual(['1 class', '70,000 images']);
  });

  it('names the day only where it is another one', () => {
    const now = new Date('2026-03-04T15:00:00');
    expect(moment('2026-03-04T12:04:00', now)).toBe('12:04');
    expect(moment('2026-03-03T12:04:00', now)).toBe('3 Mar, 12:04');
    expect(moment('never', now)).toBe('–');
  });
});

it.each([
  [{ done: 0, total: null, unit: 'images' }, ''],
  [{ done: 1200, total: null, unit: '' }, '1,200'],
  [{ done: 3000, total: 70_000, unit: 'images' }, '3,000 of 70,000 images'],
])('says how far a job is: %o', (progress, words) => {
  expect(progressWords(progress)).toBe(words);
});
