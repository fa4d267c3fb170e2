/** CIELAB (D50) as TIFF stores it, to sRGB (D65), by the formulas of CIE and IEC 61966-2-1. */
import type { Samples } from './samples.ts';

/** XYZ of D50 to linear sRGB, adapted by Bradford. */
const toLinear = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const;
const whiteD50 = [0.9642, 1, 0.8249] as const;

/**
 * @param samples [height, width, 3] of 8 or 16 bits
 * @param signed a and b are two's complement (CIELab), else offset by half the range (ICCLab)
 * @returns [height, width, 3] of 8 bits
 */
export function labToRgb(samples: Samples, signed: boolean): Samples {
  const { data, width, height } = samples;
  const wide = data instanceof Uint16Array;
  const half = wide ? 32_768 : 128;
  const step = wide ? 256 : 1;
  const out = new Uint8Array(width * height * 3);
  for (let at = 0; at < out.length; at += 3) {
    const chroma = (value: number) =>
      (signed ? (value >= half ? value - 2 * half : value) : value - half) / step;
    const y = ((data[at]! / (wide ? 65_535 : 255)) * 100 + 16) / 116;
    const xyz = [y + chroma(data[at + 1]!) / 500, y, y - chroma(data[at + 2]!) / 200].map(
      (value, index) =>
        (value > 6 / 29 ? value ** 3 : (value - 4 / 29) * 3 * (6 / 29) ** 2) * whiteD50[index]!,
    );
    toLinear.forEach((row, channel) => {
      const linear = row[0] * xyz[0]! + row[1] * xyz[1]! + row[2] * xyz[2]!;
      const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
      out[at + channel] = Math.round(Math.min(Math.max(value, 0), 1) * 255);
    });
  }
  return { data: out, width, height, channels: 3 };
}
