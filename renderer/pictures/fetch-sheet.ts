/**
 * A worker of the window: fetches sheets and decodes them, so that neither takes a frame from scrolling. What to fetch,
 * and what is kept, is left to pictures.ts.
 */
import { readSheet, type Tile } from '#contract/sheet.ts';

export interface SheetOrder {
  /** Of the order, given back with the answer. */
  order: number;
  address: string;
}

/** A picture in the window's memory, `broken` where its bytes are none, `later` where it has to be asked for again. */
export type Decoded = ImageBitmap | 'broken' | 'none' | 'later';

export interface SheetAnswer {
  order: number;
  /** In the order of the ids; null where the sheet did not come. */
  pictures: Decoded[] | null;
}

async function fetchSheet(address: string): Promise<Decoded[] | null> {
  try {
    const response = await fetch(address);
    if (!response.ok) return null;
    const tiles = readSheet(new Uint8Array(await response.arrayBuffer()));
    return tiles && (await Promise.all(tiles.map(decode)));
  } catch {
    // No connection: whoever ordered it asks again.
    return null;
  }
}

async function decode({ form, width, height, bytes }: Tile): Promise<Decoded> {
  try {
    if (form === 'grey') return await createImageBitmap(fromGrey(bytes, width, height));
    if (form === 'encoded') return await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]));
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

self.addEventListener('message', ({ data }: MessageEvent<SheetOrder>) => {
  void fetchSheet(data.address).then((pictures) => {
    const answer: SheetAnswer = { order: data.order, pictures };
    const transfer = (pictures ?? []).filter((one) => one instanceof ImageBitmap);
    self.postMessage(answer, { transfer });
  });
});
