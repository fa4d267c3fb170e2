/**
 * Plain facts of an image: how bright, how sharp, how much of it is one colour. Pure. Pixels are brought at one scale for all images;
 * which values are unusual is left to unusual-images.ts.
 */

/** The longer side of the pictures that facts are taken of, in pixels, so that sharpness means the same for each; smaller ones as they are. */
export const factSide = 256;

export interface ImageFacts {
  /** Of the image itself, in pixels. */
  width: number;
  height: number;
  /** Mean of the luma (Rec. 601), 0 to 255. */
  brightness: number;
  /** Standard deviation of the luma, in grey levels. */
  contrast: number;
  /** Variance of the Laplacian of the luma, in grey levels squared (Pech-Pacheco et al. 2000); 0 of pictures below 3×3. */
  sharpness: number;
  /** Share of the commonest colour, of 16 steps a channel, 0 to 1. */
  commonest: number;
  /** Shannon entropy of the luma in 256 steps, in bits, 0 to 8. */
  entropy: number;
  /** Mean colour of the edge, one pixel wide, red, green and blue. */
  border: [number, number, number];
}

/**
 * @param pixels [height, width, channels], 0 to 255; one channel is grey, a fourth is not looked at
 * @param original size of the image in pixels, where the picture is a smaller one
 * @throws RangeError where sizes disagree
 */
export function imageFacts(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 3 | 4,
  original = { width, height },
): ImageFacts {
  const count = width * height;
  if (pixels.length !== count * channels || count === 0)
    throw new RangeError(
      `Expected ${width}×${height} pixels of ${channels} channels, received ${pixels.length} values`,
    );
  const colour = (pixel: number, channel: number) =>
    pixels[pixel * channels + (channels === 1 ? 0 : channel)]!;
  const luma = new Float32Array(count);
  const levels = new Int32Array(256);
  const colours = new Int32Array(16 ** 3);
  for (let pixel = 0; pixel < count; pixel++) {
    const [red, green, blue] = [colour(pixel, 0), colour(pixel, 1), colour(pixel, 2)];
    luma[pixel] = 0.299 * red + 0.587 * green + 0.114 * blue;
    levels[Math.round(luma[pixel]!)]!++;
    colours[((red >> 4) << 8) | ((green >> 4) << 4) | (blue >> 4)]!++;
  }
  const { mean, variance } = momentsOf(luma);
  return {
    ...original,
    brightness: mean,
    contrast: Math.sqrt(variance),
    sharpness: momentsOf(laplacian(luma, width, height)).variance,
    commonest: colours.reduce((most, times) => Math.max(most, times), 0) / count,
    entropy: levels.reduce(
      (sum, times) => (times > 0 ? sum - (times / count) * Math.log2(times / count) : sum),
      0,
    ),
    border: borderColour(colour, width, height),
  };
}

/** In two passes, so that nothing cancels. */
function momentsOf(values: Float32Array): { mean: number; variance: number } {
  if (values.length === 0) return { mean: 0, variance: 0 };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance };
}

/** Of four neighbours, where all four are there. */
function laplacian(luma: Float32Array, width: number, height: number): Float32Array {
  const inner = new Float32Array(Math.max(0, width - 2) * Math.max(0, height - 2));
  let to = 0;
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      inner[to++] = luma[at - 1]! + luma[at + 1]! + luma[at - width]! + luma[at + width]! - 4 * luma[at]!;
    }
  return inner;
}

function borderColour(
  colour: (pixel: number, channel: number) => number,
  width: number,
  height: number,
): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (let y = 0; y < height; y++) {
    const edge = y === 0 || y === height - 1;
    for (let x = 0; x < width; x += edge || width === 1 ? 1 : width - 1) {
      for (const channel of [0, 1, 2] as const) sums[channel] += colour(y * width + x, channel);
      count++;
    }
  }
  return [sums[0] / count, sums[1] / count, sums[2] / count];
}
