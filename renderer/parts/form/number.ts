/** Numbers as they are typed: reading them, refusing them with words, and sliders that are even on the logarithm. Pure. */

import { type Bounds, expectation } from '#recipe/number.ts';

/** What every field of a number is given. */
export interface NumberProps {
  label: string;
  value: number;
  bounds: Bounds;
  step?: number | undefined;
  unit?: string | undefined;
  percent?: boolean | undefined;
  logarithmic?: boolean | undefined;
  hint?: string | undefined;
  disabled?: boolean;
  onchange: (value: number) => void;
}

type Reading = { value: number } | { refused: string };

/** A number without any exponent: ARIA takes decimals alone (aria-valuenow). */
export const plainNumber = (value: number): string =>
  value.toLocaleString('en', { useGrouping: false, maximumSignificantDigits: 10 });

/**
 * Reads what was typed.
 * @param times what the box shows for 1: 100 where it shows per cent
 */
export function readNumber(text: string, bounds: Bounds, unit = '', times = 1): Reading {
  const trimmed = text.trim();
  const expected = `${expectation(bounds, unit, times)} is expected`;
  if (trimmed === '') return { refused: `${expected}; the box was empty.` };
  // The unit may be typed along.
  const bare = unit && trimmed.endsWith(unit) ? trimmed.slice(0, -unit.length).trim() : trimmed;
  const typed = bare === '' || /^0[xob]/i.test(bare) ? NaN : Number(bare);
  if (!Number.isFinite(typed)) {
    const comma = /^[-+]?\d*,\d+$/.test(bare) ? ' Write the decimal point as “.”.' : '';
    return { refused: `${expected}, not “${trimmed}”.${comma}` };
  }
  const value = times === 1 ? typed : Number((typed / times).toPrecision(12));
  const { min, max, aboveMin, whole } = bounds;
  const low = min !== undefined && (aboveMin ? value <= min : value < min);
  if (low || (max !== undefined && value > max) || (whole && !Number.isInteger(value))) {
    return { refused: `${expected}, not ${trimmed}.` };
  }
  return { value };
}

/** How many numbers there may be: one of these lengths, or this many and more. */
export type Counts = readonly number[] | { least: number };

/** Several numbers divided by commas, semicolons or spaces. */
export function readNumbers(
  text: string,
  bounds: Bounds,
  counts: Counts,
): { values: number[] } | { refused: string } {
  const parts = text.split(/[,;\s]+/).filter(Boolean);
  const some = 'least' in counts;
  const how = some ? `${counts.least} or more` : counts.join(' or ');
  if (some ? parts.length < counts.least : !counts.includes(parts.length)) {
    const many = parts.length === 1 ? '1 was' : `${parts.length || 'none'} were`;
    return {
      refused: `${how} ${how === '1' ? 'number is' : 'numbers are'} expected, divided by commas; ${many} given.`,
    };
  }
  const values: number[] = [];
  for (const part of parts) {
    const reading = readNumber(part, bounds);
    if ('refused' in reading) return reading;
    values.push(reading.value);
  }
  return { values };
}

/** The nearest number within the bounds. */
export function clamped(value: number, { min, max, whole }: Bounds): number {
  const rounded = whole ? Math.round(value) : value;
  return Math.min(max ?? Infinity, Math.max(min ?? -Infinity, rounded));
}

/** One press of an arrow key: to the next multiple of the step, so that odd numbers become even ones. */
export function stepped(value: number, by: 1 | -1, step: number, bounds: Bounds): number {
  const steps = value / step;
  const next = by > 0 ? Math.floor(steps + 1 + 1e-9) : Math.ceil(steps - 1 - 1e-9);
  const moved = Number((next * step).toPrecision(12));
  if (bounds.aboveMin && bounds.min !== undefined && moved <= bounds.min) return value;
  return clamped(moved, bounds);
}

const preferred = [1, 2, 3, 5, 7];

/** The next of 1, 2, 3, 5, 7 times a power of ten: the arrow keys of a number that is even on the logarithm. */
export function steppedLogarithmic(value: number, by: 1 | -1, bounds: Bounds): number {
  if (value <= 0) return by > 0 ? clamped(1e-6, bounds) : value;
  const power = Math.floor(Math.log10(value) + 1e-12);
  const around = [power - 1, power, power + 1].flatMap((p) =>
    preferred.map((digit) => Number(`${digit}e${p}`)),
  );
  const next =
    by > 0
      ? around.find((one) => one > value * (1 + 1e-9))
      : [...around].reverse().find((one) => one < value * (1 - 1e-9));
  const moved = next ?? value;
  if (bounds.aboveMin && bounds.min !== undefined && moved <= bounds.min) return value;
  return clamped(moved, bounds);
}

/** Where a value stands on a slider that is even on the logarithm, 0 to 1; outside values stand at its ends. */
export function logarithmicPlace(value: number, [low, high]: readonly [number, number]): number {
  if (value <= low) return 0;
  if (value >= high) return 1;
  return Math.log(value / low) / Math.log(high / low);
}

/** The value at a place from 0 to 1, with two significant digits. */
export function logarithmicValue(place: number, [low, high]: readonly [number, number]): number {
  return Number((low * (high / low) ** place).toPrecision(2));
}
