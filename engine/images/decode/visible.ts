/** Pictures with transparent areas, put on white; on black where white would leave nearly nothing to see. */
import { inBlocks, type Pixels } from './samples.ts';

/** Below this range between the darkest and the lightest value, nearly nothing can be seen. */
const visibleRange = 16;

export const onBlack = 'Transparent, and nearly invisible on white: put on black.';

/** @returns the picture without alpha, and whether it was put on black */
export async function withoutAlpha({
  data,
  width,
  height,
  channels,
}: Pixels): Promise<{ pixels: Pixels; black: boolean }> {
  if (channels === 1 || channels === 3) return { pixels: { data, width, height, channels }, black: false };
  const colours = channels === 4 ? 3 : 1;
  const area = width * height;
  // Of each colour on white and on black: lowest and highest.
  const white = { low: new Uint8Array(3).fill(255), high: new Uint8Array(3) };
  const black = { low: new Uint8Array(3).fill(255), high: new Uint8Array(3) };
  await inBlocks(area, (from, to) => {
    for (let pixel = from; pixel < to; pixel++) {
      const alpha = data[pixel * channels + colours]!;
      for (let channel = 0; channel < colours; channel++) {
        const value = data[pixel * channels + channel]!;
        widen(white, channel, over(value, alpha, 255));
        widen(black, channel, over(value, alpha, 0));
      }
    }
  });
  const rangeOf = ({ low, high }: typeof white) =>
    Math.max(...Array.from({ length: colours }, (_, channel) => high[channel]! - low[channel]!));
  const dark = rangeOf(white) < visibleRange && rangeOf(black) > rangeOf(white);
  const out = new Uint8Array(area * colours);
  await inBlocks(area, (from, to) => {
    for (let pixel = from; pixel < to; pixel++) {
      const alpha = data[pixel * channels + colours]!;
      for (let channel = 0; channel < colours; channel++)
        out[pixel * colours + channel] = over(data[pixel * channels + channel]!, alpha, dark ? 0 : 255);
    }
  });
  return { pixels: { data: out, width, height, channels: colours }, black: dark };
}

function widen(range: { low: Uint8Array; high: Uint8Array }, channel: number, value: number): void {
  if (value < range.low[channel]!) range.low[channel] = value;
  if (value > range.high[channel]!) range.high[channel] = value;
}

const over = (value: number, alpha: number, background: number) =>
  Math.round((value * alpha + background * (255 - alpha)) / 255);

/** Whether all pixels are equal. */
export function isSingleColour(data: Uint8Array, channels: number): boolean {
  for (let at = channels; at < data.length; at++) if (data[at] !== data[at - channels]) return false;
  return true;
}
