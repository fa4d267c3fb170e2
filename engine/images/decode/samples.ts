/**
 * The rule for pixels that are not plain 8-bit values: which value is white, decided on the whole picture and said in a
 * notice. What cannot be decided is refused with words; nothing is scaled in silence.
 */

/** A picture that is not taken; the message is the reason, a sentence without the file's name. */
export class Refusal extends Error {}

export type SampleArray =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** A decoded picture [height, width, channels], before its values are brought to 0..255. */
export interface Samples {
  data: SampleArray;
  width: number;
  height: number;
  /** 1 or 3 of colour, then alpha where `hasAlpha`, then any that are ignored. */
  channels: number;
  /** Colour channels; absent: 1 for one or two channels, else 3. */
  colours?: 1 | 3;
  /** Absent: where there are 2 or 4 channels. */
  hasAlpha?: boolean;
  /** The value that is white, where the file says so. */
  top?: number;
  /** Bits that count, where the file says so: the values use them, or fill all bits where one exceeds them. */
  significant?: number;
  /** White is 0. */
  inverted?: boolean;
  /** The file holds more than this one. */
  several?: 'pages' | 'frames' | undefined;
}

/** 8-bit pixels [height, width, colours + alpha]. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
}

/** White by bit depth: the smallest of these that no value exceeds. */
const depths = [8, 10, 12, 14, 16] as const;
/** Between 16 and 32 bits no depth is usual: a value above this takes up 32. */
const wide = 2 ** 30;
const topOf = (bits: number) => 2 ** bits - 1;

const negative =
  'Negative values: which of them is black is not known. Save it with values from 0, as 8 or 16 bits.';
const notFinite = 'Values that are no numbers (NaN or infinite). Save it with values from 0 to 1.';
const tooLarge =
  'Floating-point values above 255: which of them is white is not known. Save it with values from 0 to 1.';

/**
 * Colours and alpha in 8 bits, by the file's own white or its largest value; alpha by its own largest value.
 * @throws Refusal
 */
export async function toEightBits(samples: Samples): Promise<{ pixels: Pixels; notices: string[] }> {
  const { data, width, height, channels } = samples;
  const colours = samples.colours ?? (channels >= 3 ? 3 : 1);
  const hasAlpha = samples.hasAlpha ?? (channels === 2 || channels === 4);
  const kept = (colours + (hasAlpha ? 1 : 0)) as Pixels['channels'];
  const area = width * height;
  const colour = { least: Infinity, most: -Infinity };
  let alphaMost = 0;
  await inBlocks(area, (from, to) => {
    for (let pixel = from; pixel < to; pixel++) {
      for (let channel = 0; channel < colours; channel++) {
        const value = data[pixel * channels + channel]!;
        if (!Number.isFinite(value)) throw new Refusal(notFinite);
        if (value < colour.least) colour.least = value;
        if (value > colour.most) colour.most = value;
      }
      if (hasAlpha) alphaMost = Math.max(alphaMost, data[pixel * channels + colours]!);
    }
  });
  const { top, notice } = whiteOf(samples, colour);
  const floating = data instanceof Float32Array || data instanceof Float64Array;
  const alphaTop = floating && alphaMost <= 1 ? 1 : smallestTop(alphaMost);
  if (kept === channels && top === 255 && !samples.inverted && data instanceof Uint8Array)
    return { pixels: { data, width, height, channels: kept }, notices: [] };
  const out = new Uint8Array(area * kept);
  await inBlocks(area, (from, to) => {
    for (let pixel = from; pixel < to; pixel++) {
      for (let channel = 0; channel < kept; channel++) {
        const value = data[pixel * channels + channel]!;
        const scaled = (value * 255) / (channel < colours ? top : alphaTop) + 0.5;
        out[pixel * kept + channel] = samples.inverted && channel < colours ? 256 - scaled : scaled;
      }
    }
  });
  return { pixels: { data: out, width, height, channels: kept }, notices: notice ? [notice] : [] };
}

const smallestTop = (most: number) => {
  const bits = depths.find((depth) => most <= topOf(depth));
  return bits ? topOf(bits) : most;
};

/** Which value is white, and the sentence that says so. @throws Refusal */
function whiteOf(
  { data, top: declared, significant }: Samples,
  { least, most }: { least: number; most: number },
): { top: number; notice?: string } {
  if (least < 0) throw new Refusal(negative);
  const bits = data.BYTES_PER_ELEMENT * 8;
  if (data instanceof Float32Array || data instanceof Float64Array) {
    if (most <= 1) return { top: 1, notice: 'Floating-point values from 0 to 1: scaled by 255.' };
    if (most <= 255) return { top: 255, notice: 'Floating-point values up to 255: taken as they are.' };
    throw new Refusal(tooLarge);
  }
  if (declared !== undefined && declared >= most && declared !== topOf(bits)) {
    if (declared === 1 || declared === 255) return { top: declared };
    return { top: declared, notice: `White is ${declared} by what the file says: scaled by 1/${declared}.` };
  }
  if (bits === 8) return { top: 255 };
  const said = significant && (most <= topOf(significant) ? significant : bits);
  const usual = depths.find((candidate) => most <= topOf(candidate));
  const depth = said ?? usual ?? (most > wide ? 32 : undefined);
  if (depth === undefined)
    return { top: most, notice: 'Values above 65535: scaled by the largest of the picture.' };
  const where = depth === bits ? `${bits}-bit values` : `${depth}-bit values in a ${bits}-bit file`;
  return { top: topOf(depth), notice: `${where}: scaled by 1/${topOf(depth)}.` };
}

/** Pixels a block: a fraction of a second, after which other work of the process gets its turn. */
const block = 1 << 21;

/** Runs `work` over [0, length) in blocks, between which the process can do other things. */
export async function inBlocks(length: number, work: (from: number, to: number) => void): Promise<void> {
  for (let from = 0; from < length; from += block) {
    if (from > 0) await new Promise((resolve) => setImmediate(resolve));
    work(from, Math.min(from + block, length));
  }
}
