/** Heat over the image as the network saw it, as a PNG: for files. In the window it is drawn over the image itself. */
import { heatAt, heatColour, heatOpacity } from '#contract/heat-colours.ts';
import { encodePng } from '#learning/files/png.ts';

/** Small images are enlarged by a whole factor until their longer side has so many pixels. */
const leastSide = 448;
const opacity = 0.7;

/**
 * @param pixels uint8 [height, width, channels] at the network's size; one channel is grey
 * @param heat what is 0 or less is left as it is
 */
export function overlayPng(
  pixels: Uint8Array,
  [height, width, channels]: readonly [number, number, number],
  heat: { height: number; width: number; values: Float32Array },
): Uint8Array {
  const factor = Math.max(1, Math.ceil(leastSide / Math.max(height, width)));
  const [tall, wide] = [height * factor, width * factor];
  const most = heat.values.reduce((a, b) => Math.max(a, b), 0);
  const drawn = new Uint8Array(tall * wide * 3);
  for (let y = 0; y < tall; y += 1)
    for (let x = 0; x < wide; x += 1) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * channels;
      const share = most > 0 ? heatAt(heat, (x + 0.5) / wide, (y + 0.5) / tall) / most : 0;
      const over = heatOpacity(share, opacity);
      const colour = heatColour(share);
      for (let channel = 0; channel < 3; channel += 1) {
        const own = pixels[from + (channels >= 3 ? channel : 0)]!;
        drawn[(y * wide + x) * 3 + channel] = Math.round(own + (colour[channel]! - own) * over);
      }
    }
  return encodePng(drawn, wide, tall, 3);
}
