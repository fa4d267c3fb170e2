import { describe, expect, it } from 'vitest';
import {
  clamped,
  logarithmicPlace,
  logarithmicValue,
  readNumber,
  readNumbers,
  plainNumber,
  stepped,
  steppedLogarithmic,
} from './number.ts';
import { expectation, shownNumber } from '#recipe/number.ts';

describe('a typed number', () => {
  const whole = { min: 1, max: 64, whole: true };

  it('is taken within its bounds, with or without its unit', () => {
    expect(readNumber(' 12 ', whole)).toEqual({ value: 12 });
    expect(readNumber('12 px', whole, 'px')).toEqual({ value: 12 });
    expect(readNumber('1e-3', { min: 0, aboveMin: true })).toEqual({ value: 0.001 });
    expect(readNumber('7', { min: 0, max: 1 }, '%', 100)).toEqual({ value: 0.07 });
  });

  it.each([
    ['', 'A whole number from 1 to 64 is expected; the box was empty.'],
    ['many', 'A whole number from 1 to 64 is expected, not “many”.'],
    ['0', 'A whole number from 1 to 64 is expected, not 0.'],
    ['65', 'A whole number from 1 to 64 is expected, not 65.'],
    ['2.5', 'A whole number from 1 to 64 is expected, not 2.5.'],
    ['0x10', 'A whole number from 1 to 64 is expected, not “0x10”.'],
    ['2,5', 'A whole number from 1 to 64 is expected, not “2,5”. Write the decimal point as “.”.'],
  ])('is refused with what is expected: %j', (text, words) => {
    expect(readNumber(text, whole)).toEqual({ refused: words });
  });

  it('says bounds that are open, missing or in per cent', () => {
    expect(expectation({ min: 0, aboveMin: true, max: 100 })).toBe('A number above 0, up to 100');
    expect(expectation({ min: 0 })).toBe('A number of 0 or more');
    expect(expectation({ max: 3 })).toBe('A number up to 3');
    expect(expectation({})).toBe('A number');
    expect(expectation({ min: 0, max: 0.5 }, '%', 100)).toBe('A number from 0 to 50 %');
    expect(readNumber('0', { min: 0, aboveMin: true })).toHaveProperty('refused');
  });
});

describe('several numbers', () => {
  it('are read with any divider', () => {
    expect(readNumbers('0.1, 0.2;0.3', {}, [1, 3])).toEqual({ values: [0.1, 0.2, 0.3] });
  });
  it('are refused where one is bad or there are too few', () => {
    expect(readNumbers('0.1, 0', { min: 0, aboveMin: true }, [1, 2])).toEqual({
      refused: 'A number above 0 is expected, not 0.',
    });
    expect(readNumbers('1 2', {}, [1, 3])).toEqual({
      refused: '1 or 3 numbers are expected, divided by commas; 2 were given.',
    });
    expect(readNumbers('', {}, [1])).toEqual({
      refused: '1 number is expected, divided by commas; none were given.',
    });
    expect(readNumbers('x', {}, [1])).toHaveProperty('refused');
    expect(readNumbers('32, 64, abc', {}, { least: 2 })).toHaveProperty('refused');
    expect(readNumbers('32', {}, { least: 2 })).toEqual({
      refused: '2 or more numbers are expected, divided by commas; 1 was given.',
    });
  });
});

describe('steps', () => {
  it('go to the next multiple, within the bounds', () => {
    expect(stepped(12, 1, 8, {})).toBe(16);
    expect(stepped(12, -1, 8, {})).toBe(8);
    expect(stepped(16, 1, 8, {})).toBe(24);
    expect(stepped(0.3, 1, 0.05, {})).toBe(0.35);
    expect(stepped(0.15, -1, 0.05, {})).toBe(0.1);
    expect(stepped(8, -1, 8, { min: 1 })).toBe(1);
    expect(stepped(0.1, -1, 0.1, { min: 0, aboveMin: true })).toBe(0.1);
  });
  it('of rates go along 1, 2, 3, 5, 7', () => {
    expect(steppedLogarithmic(0.1, 1, {})).toBe(0.2);
    expect(steppedLogarithmic(0.1, -1, {})).toBe(0.07);
    expect(steppedLogarithmic(0.07, 1, {})).toBe(0.1);
    expect(steppedLogarithmic(0.004, -1, {})).toBe(0.003);
    expect(steppedLogarithmic(100, 1, { max: 100 })).toBe(100);
    expect(steppedLogarithmic(0, 1, { min: 0 })).toBe(1e-6);
    expect(steppedLogarithmic(0, -1, { min: 0 })).toBe(0);
  });
  it('stay within bounds', () => {
    expect(clamped(2.6, { whole: true, max: 9 })).toBe(3);
    expect(clamped(-1, { min: 0 })).toBe(0);
  });
});

describe('a slider that is even on the logarithm', () => {
  it('gives each power of ten the same width', () => {
    const span = [1e-5, 1] as const;
    expect(logarithmicPlace(1e-5, span)).toBe(0);
    expect(logarithmicPlace(1e-4, span)).toBeCloseTo(0.2);
    expect(logarithmicPlace(0.1, span)).toBeCloseTo(0.8);
    expect(logarithmicPlace(5, span)).toBe(1);
    expect(logarithmicValue(0.6, span)).toBe(0.01);
    expect(logarithmicValue(0.5, span)).toBe(0.0032);
  });
});

it('numbers are shown without needless digits', () => {
  expect([0.07 * 100, 0.1 + 0.2, 1e-7, 5e-4, 2147483647, 0].map(shownNumber)).toEqual([
    '7',
    '0.3',
    '1e-7',
    '0.0005',
    '2147483647',
    '0',
  ]);
});

it('is told to assistive technology without an exponent', () => {
  expect([1e-7, 1e-30, 0.1 + 0.2, 1e12, 2147483647].map(plainNumber)).toEqual([
    '0.0000001',
    `0.${'0'.repeat(29)}1`,
    '0.3',
    '1000000000000',
    '2147483647',
  ]);
});
