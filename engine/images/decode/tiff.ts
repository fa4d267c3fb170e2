/**
 * TIFF: what its tags say of the samples decides how they are read. libvips gives 8-bit colour and grey; everything
 * else is taken as the file holds it and brought to 8 bits by samples.ts. What neither reads is refused with words.
 */
import sharp, { type Metadata } from 'sharp';
import { invertedCmyk } from './cmyk.ts';
import { cutShort, damaged, whyNotRead } from './formats.ts';
import {
  firstPage,
  gathered,
  ordinary,
  type Plan,
  readOptions,
  untouchedSamples,
  withAlpha,
} from './plan.ts';
import { Refusal, type SampleArray, type Samples } from './samples.ts';
import { readTiffHeader, type TiffHeader } from './tiff-header.ts';

export const furtherChannels = 'More channels than colour and transparency: the others are ignored.';

const whiteIsZero = 0;
const blackIsZero = 1;
const coloursOf: Record<number, number> = { 0: 1, 1: 1, 2: 3, 3: 1, 4: 1, 5: 4, 6: 3, 8: 3, 9: 3 };
const kinds: Record<number, string> = {
  1: 'integer',
  2: 'signed integer',
  3: 'floating-point',
  4: 'integer',
};
const bitsRead: Record<number, number[]> = {
  1: [1, 2, 4, 8, 16, 32],
  2: [8, 16, 32],
  3: [32],
  4: [1, 2, 4, 8, 16, 32],
};

/** Compressions that libvips as sharp ships it decodes, by the number of their tag; WebP is the last. */
const compressionsRead = new Set([
  1, 2, 3, 4, 5, 7, 8, 32_766, 32_771, 32_773, 32_809, 32_909, 32_946, 50_001,
]);
const compressionNames: Record<number, string> = {
  6: 'old-style JPEG',
  33_003: 'JPEG 2000',
  33_005: 'JPEG 2000',
  34_712: 'JPEG 2000',
  34_887: 'LERC',
  34_925: 'LZMA',
  50_000: 'Zstandard',
  50_002: 'JPEG XL',
  52_546: 'JPEG XL',
};

/** @throws Refusal for the tags' own reasons, before libvips looks at the file */
export function checkTiff(bytes: Uint8Array): TiffHeader {
  const header = readTiffHeader(bytes);
  if (!header || header.width === 0 || header.height === 0)
    throw new Refusal((header ? damaged : cutShort)('TIFF'));
  if (header.raw) throw new Refusal(whyNotRead('raw'));
  if (header.reduced)
    throw new Refusal(
      'TIFF whose first page is a reduced copy, as in raw files, is not read. Save it as JPEG or TIFF.',
    );
  const { bits, sampleFormat, photometric, compression } = header;
  if (!compressionsRead.has(compression)) {
    const named = compressionNames[compression] ?? `number ${compression}`;
    throw new Refusal(
      `TIFF of the compression ${named} is not read. Save it with LZW, deflate or no compression.`,
    );
  }
  const [depth = 1] = bits;
  const kind = kinds[sampleFormat];
  if (kind === undefined)
    throw new Refusal('TIFF with complex numbers is not read. Save it as 8 or 16 bits.');
  if (bits.some((each) => each !== depth))
    throw new Refusal('TIFF with channels of different depth is not read. Save it as 8 or 16 bits.');
  if (!bitsRead[sampleFormat]!.includes(depth))
    throw new Refusal(`TIFF with ${depth}-bit ${kind} values is not read. Save it as 8, 16 or 32 bits.`);
  if (coloursOf[photometric] === undefined)
    throw new Refusal('TIFF of this colour model is not read. Save it as RGB or grey.');
  return header;
}

export function planTiff(bytes: Uint8Array, header: TiffHeader, metadata: Metadata): Plan {
  const { bits, sampleFormat, photometric, samples, extra } = header;
  const [depth = 1] = bits;
  const notices = (metadata.pages ?? 1) > 1 ? [firstPage] : [];
  const colours = coloursOf[photometric]!;
  const further = Math.max(samples - colours, 0);
  const hasAlpha = further > 0 && (extra[0] === 1 || extra[0] === 2);
  if (further > (hasAlpha ? 1 : 0)) notices.push(furtherChannels);
  if (photometric === 8 || photometric === 9) return planLab(bytes, header, metadata, notices);
  const plain = depth <= 8 && sampleFormat !== 2 && sampleFormat !== 3;
  if (colours === 4) {
    if (further > 0 || !plain) throw new Refusal('CMYK TIFF other than 8-bit is not read. Save it as RGB.');
    const usual = ordinary(bytes, metadata, notices);
    return { ...usual, decode: async () => (await invertedCmyk(bytes, metadata)) ?? usual.decode() };
  }
  if (plain && further === 0) return ordinary(bytes, metadata, notices);
  if (plain && further === 1 && hasAlpha) return withAlpha(bytes, metadata, notices);
  const decode = async (): Promise<Samples> => {
    const inverted = photometric === whiteIsZero;
    const signed = sampleFormat === 2;
    // libvips turns negative values into 0, and inverts some kinds of values and others not: it gets neither.
    const asked = { ...(inverted && { photometric: blackIsZero }), ...(signed && { sampleFormat: 1 }) };
    const plain = inverted || signed ? retagged(bytes, header, asked) : bytes;
    const found = await untouchedSamples(
      plain,
      signed ? await sharp(plain, readOptions).metadata() : metadata,
    );
    return {
      ...found,
      data: signed ? signedValues(found.data) : found.data,
      colours: colours === 3 ? 3 : 1,
      hasAlpha: hasAlpha && found.channels > colours,
      ...(header.top === undefined ? {} : { top: header.top }),
      inverted,
    };
  };
  return gathered(metadata.autoOrient, samples * Math.ceil(depth / 8) * 2, decode, {
    before: notices,
    profile: metadata.icc,
  });
}

/** libvips refuses 8-bit CIELAB: it is read as if it were RGB, and turned into it here. */
function planLab(bytes: Uint8Array, header: TiffHeader, metadata: Metadata, notices: string[]): Plan {
  const [depth] = header.bits;
  if ((depth !== 8 && depth !== 16) || header.sampleFormat === 3 || header.samples !== 3)
    throw new Refusal('CIELAB TIFF other than of 8 or 16 bits is not read. Save it as RGB.');
  const signed = header.photometric === 8;
  return gathered(
    metadata.autoOrient,
    depth,
    async () =>
      labToRgb(await untouchedSamples(retagged(bytes, header, { photometric: 2 }), metadata), signed),
    { before: notices },
  );
}

/** The same bits as two's complement. */
function signedValues({ buffer, BYTES_PER_ELEMENT: size }: SampleArray): SampleArray {
  return size === 1 ? new Int8Array(buffer) : size === 2 ? new Int16Array(buffer) : new Int32Array(buffer);
}

/** A copy whose tags say something else. */
function retagged(
  bytes: Uint8Array,
  { photometricAt, formatsAt, samples, littleEndian }: TiffHeader,
  asked: { photometric?: number; sampleFormat?: number },
): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  if (asked.photometric !== undefined) view.setUint16(photometricAt, asked.photometric, littleEndian);
  for (let index = 0; asked.sampleFormat !== undefined && index < samples; index++)
    view.setUint16(formatsAt + index * 2, asked.sampleFormat, littleEndian);
  return copy;
}

/** What sharp says of the file; CIELAB is asked for as RGB. */
export function tiffMetadata(bytes: Uint8Array, header: TiffHeader): Promise<Metadata> {
  const lab = header.photometric === 8 || header.photometric === 9;
  return sharp(lab ? retagged(bytes, header, { photometric: 2 }) : bytes, readOptions).metadata();
}

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
function labToRgb(samples: Samples, signed: boolean): Samples {
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
