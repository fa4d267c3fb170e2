/** JPEG. Complete is what has all its data, whether or not the end mark is there or something follows it. */
import type { Metadata } from 'sharp';
import { frameOf, holdsSeveral, lacksEndMark } from './marks.ts';
import { bytesOf, firstPage, type Opened, type Plan, wholeImage } from './plan.ts';
import { invertedCmyk } from './cmyk.ts';
import { cutShort } from './formats.ts';
import { hasAllData } from './jpeg-scan.ts';
import { Refusal } from './samples.ts';

export const noEndMark = 'The end mark of this JPEG is missing; its picture is complete.';
const extraBytes = 'Extra bytes within this JPEG were ignored.';

/** libjpeg's complaints about what does not matter, and sharp's about what is no JPEG's: a broken profile. */
const harmless = /jfif revision|adobe color transform|invalid sos parameters|warning treated as error/i;
const endMark = Uint8Array.of(0xff, 0xd9);

/** Marks of a frame (SOF) whose way of coding no decoder here knows: lossless, hierarchical and both. */
const unknownFrames = new Set([0xc3, 0xc5, 0xc6, 0xc7, 0xcb, 0xcd, 0xce, 0xcf]);

/** @throws Refusal for a whole JPEG of a kind that is not read, before libvips looks at the file and calls it damaged */
export function checkJpeg(bytes: Uint8Array): void {
  const frame = frameOf(bytes);
  if (!frame) return;
  if (unknownFrames.has(frame.mark))
    throw new Refusal('Lossless and hierarchical JPEG are not read. Save it as PNG or TIFF.');
  if (frame.bits === 12 && frame.mark !== 0xc0)
    throw new Refusal('JPEG with 12-bit values is not read. Save it as PNG or TIFF.');
}

export function planJpeg(bytes: Uint8Array, metadata: Metadata): Plan {
  const { width, height } = metadata.autoOrient;
  const notices = holdsSeveral(bytes) ? [firstPage] : [];
  if (lacksEndMark(bytes)) {
    if (!hasAllData(bytes)) throw new Refusal(cutShort('JPEG'));
    notices.push(noEndMark);
  }
  // Where data is missing before the added mark, libjpeg says so; without the mark it cannot tell.
  const complete = bytes.at(-1) === 0xd9 && bytes.at(-2) === 0xff ? bytes : Buffer.concat([bytes, endMark]);
  const open = (failOn: 'warning' | 'error', said: string[]): Opened => ({
    image: wholeImage(complete, metadata, failOn),
    width,
    height,
    notices: said,
  });
  return {
    width,
    height,
    bytes: bytesOf(metadata),
    async decode() {
      const inverted = metadata.space === 'cmyk' ? await invertedCmyk(complete, metadata) : null;
      return inverted
        ? { ...inverted, notices: [...notices, ...inverted.notices] }
        : open('warning', notices);
    },
    decodeDespite(complaint) {
      const extra = /extraneous bytes before marker 0xd9/.test(complaint);
      if (!extra && (!harmless.test(complaint) || /corrupt jpeg data|premature end/i.test(complaint)))
        return null;
      return Promise.resolve(open('error', extra ? [...notices, extraBytes] : notices));
    },
  };
}
