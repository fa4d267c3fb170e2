/** What a number of the recipe may be, and how numbers are written out. Reading what was typed is left to the window. */
import * as z from 'zod';

export interface Bounds {
  min?: number;
  /** The lower bound itself is refused. */
  aboveMin?: boolean;
  max?: number;
  whole?: boolean;
}

interface JsonSchema {
  type?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
}

/** The bounds of a number's schema, so that no form can allow what the schema refuses. */
export function boundsOf(schema: z.ZodNumber): Bounds {
  const { minimum, exclusiveMinimum, maximum, type } = z.toJSONSchema(schema) as JsonSchema;
  const min = exclusiveMinimum ?? minimum;
  return {
    ...(min === undefined ? {} : { min }),
    ...(exclusiveMinimum === undefined ? {} : { aboveMin: true }),
    ...(maximum === undefined ? {} : { max: maximum }),
    ...(type === 'integer' ? { whole: true } : {}),
  };
}

/** A number as it can be typed, so that what is shown is what is meant: ten significant digits, no needless exponent. */
export function shownNumber(value: number): string {
  const rounded = Number(value.toPrecision(10));
  const size = Math.abs(rounded);
  return size !== 0 && (size < 1e-4 || size >= 1e12)
    ? rounded.toExponential().replace('e+', 'e')
    : String(rounded);
}

/** A number to be read: four significant digits, no exponent where it can be avoided. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e5) return String(Number(value.toPrecision(4)));
  return Number(value.toPrecision(4)).toExponential().replace('e+', 'e');
}

/** "A whole number from 1 to 64", "A number above 0, up to 100 %". @param times what is shown for 1 */
export function expectation({ min, aboveMin, max, whole }: Bounds, unit = '', times = 1): string {
  const shown = (value: number) => `${shownNumber(value * times)}${unit && ` ${unit}`}`;
  const noun = whole ? 'A whole number' : 'A number';
  if (min === undefined) return max === undefined ? noun : `${noun} up to ${shown(max)}`;
  if (aboveMin) return `${noun} above ${shown(min)}${max === undefined ? '' : `, up to ${shown(max)}`}`;
  return max === undefined
    ? `${noun} of ${shown(min)} or more`
    : `${noun} from ${shownNumber(min * times)} to ${shown(max)}`;
}
