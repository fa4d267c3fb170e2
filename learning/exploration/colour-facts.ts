/** How colourful a picture is, and which colour it has on the whole. Pure. */

/**
 * Means of HSV. The hue is that of the mean direction, each pixel with its chroma for weight, so that grey ones have no say.
 * @param pixels [n, channels], 0 to 255; one channel is grey
 * @returns saturation in per cent, hue in degrees from 0 to 360: NaN where there is no colour to speak of
 */
export function colourFacts(pixels: Uint8Array, channels: 1 | 3): { saturation: number; hue: number } {
  if (channels === 1) return { saturation: 0, hue: NaN };
  const count = pixels.length / 3;
  let [saturation, x, y] = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += 3) {
    const [red, green, blue] = [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
    const most = Math.max(red, green, blue);
    if (most > 0) saturation += (most - Math.min(red, green, blue)) / most;
    // Red, green and blue as directions a third of a turn apart.
    x += red - (green + blue) / 2;
    y += (Math.sqrt(3) / 2) * (green - blue);
  }
  const chroma = Math.hypot(x, y) / count;
  return {
    saturation: (100 * saturation) / count,
    hue: chroma < leastChroma ? NaN : ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360,
  };
}

/** Of 255: below it a hue is noise. */
const leastChroma = 2;
