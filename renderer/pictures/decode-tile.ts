/** One thumbnail of a sheet as a picture that can be drawn. Runs in the worker that fetches sheets. */
import type { Tile } from '#contract/sheet.ts';
import type { Bitmap, Decoded } from './bitmap.ts';

/** Never rejects. */
export async function decode({ form, width, height, bytes }: Tile): Promise<Decoded> {
  try {
    if (form === 'grey') return await createImageBitmap(fromGrey(bytes, width, height));
    if (form === 'encoded') return await fromFile(bytes as Uint8Array<ArrayBuffer>);
  } catch {
    return 'broken';
  }
  return form === 'unreadable' ? 'broken' : form;
}

function fromGrey(grey: Uint8Array, width: number, height: number): ImageData {
  const pixels = new Uint32Array(grey.length);
  // One 32-bit number a pixel: alpha, then the same value in all three colours.
  for (let at = 0; at < grey.length; at += 1) pixels[at] = 0xff000000 | (grey[at]! * 0x010101);
  return new ImageData(new Uint8ClampedArray(pixels.buffer), width, height);
}

/**
 * A blob goes to the browser's main process and back, which takes several times as long as decoding what is in it. So does
 * making a bitmap of a frame that has its colours as JPEG files have them; the frame itself is drawn at once.
 */
async function fromFile(bytes: Uint8Array<ArrayBuffer>): Promise<Bitmap> {
  if (typeof ImageDecoder === 'undefined') return createImageBitmap(new Blob([bytes]));
  const decoder = new ImageDecoder({
    data: bytes,
    // The only two that are ever written (engine/images/thumbnails/serve.ts).
    type: bytes[0] === 0x89 ? 'image/png' : 'image/jpeg',
  });
  try {
    const { image } = await decoder.decode();
    if (image.format?.startsWith('I4')) return image;
    try {
      return await createImageBitmap(image);
    } finally {
      image.close();
    }
  } finally {
    decoder.close();
  }
}
