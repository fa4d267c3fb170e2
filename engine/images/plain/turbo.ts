/**
 * libjpeg-turbo by FFI: decodes and encodes JPEG at a third of what sharp's pipeline costs a picture, with libvips' pixels.
 * The library lies prebuilt in a package; where it does not, callers do without. Every complaint, a warning too, is
 * a refusal: what becomes of such a file is for open.ts to say. Loaded in threads that read only.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import koffi, { type LibraryHandle } from 'koffi';
import { appRoot } from '../../app-root.ts';

export type Sampling = keyof typeof samplings;
/** Horizontal and vertical: how many pixels share one value of colour; and TurboJPEG's number for it. */
export const samplings = {
  '4:4:4': { across: 1, down: 1, code: 0 },
  '4:2:2': { across: 2, down: 1, code: 1 },
  '4:2:0': { across: 2, down: 2, code: 2 },
  grey: { across: 1, down: 1, code: 3 },
  '4:4:0': { across: 1, down: 2, code: 4 },
} as const;

export interface TurboHeader {
  width: number;
  height: number;
  /** null for any other, and where colours are not YCbCr. */
  sampling: Sampling | null;
}

export interface Turbo {
  /** @returns null where it complains */
  header(jpeg: Uint8Array): TurboHeader | null;
  /** Decodes into [height, width, channels]. @returns whether it had nothing to complain of */
  pixels(jpeg: Uint8Array, width: number, height: number, channels: 1 | 3, into: Uint8Array): boolean;
  /**
   * Decodes Y, Cb and Cr as `planesOf` lays them out, in full size or the largest of n/8 of it that width × height hold.
   * All codes of the file are followed whatever the size. @returns whether it had nothing to complain of
   */
  planes(jpeg: Uint8Array, width: number, height: number, into: Uint8Array): boolean;
  /** @param planes as `planesOf` lays them out @returns the JPEG, a copy; null where it complains */
  encode(
    planes: Uint8Array,
    width: number,
    height: number,
    sampling: Sampling,
    quality: number,
  ): Buffer | null;
}

export interface Plane {
  /** Of its first value. */
  at: number;
  /** Values from one row to the next, padding included. */
  stride: number;
  rows: number;
}

/** How TurboJPEG lays out planes one after another, padded to whole blocks of shared colour. */
export function planesOf(
  width: number,
  height: number,
  sampling: Sampling,
): { planes: Plane[]; bytes: number } {
  const { across, down } = samplings[sampling];
  const stride = Math.ceil(width / across) * across;
  const rows = Math.ceil(height / down) * down;
  const luma = { at: 0, stride, rows };
  if (sampling === 'grey') return { planes: [luma], bytes: stride * rows };
  const chroma = { stride: stride / across, rows: rows / down };
  const size = chroma.stride * chroma.rows;
  const first = stride * rows;
  return {
    planes: [luma, { at: first, ...chroma }, { at: first + size, ...chroma }],
    bytes: first + 2 * size,
  };
}

const rgb = 0;
const grey = 6;
const colourSpaces = { yCbCr: 1, grey: 2 };
const noRealloc = 1024;

/** Where the library may lie; what cannot be loaded is passed over. Others than Linux have it inside a binding, unexported. */
function candidates(): string[] {
  if (process.platform !== 'linux') return [];
  const folder = join(appRoot(), 'node_modules', '@julusian', 'jpeg-turbo', 'prebuilds');
  return ['', '-musl']
    .map((libc) => join(folder, `jpeg-turbo-linux-${process.arch}${libc}`, 'libturbojpeg.so.0'))
    .filter((path) => existsSync(path));
}

/** @returns null where the library cannot be had */
export function openTurbo(): Turbo | null {
  for (const path of candidates()) {
    try {
      return over(koffi.load(path));
    } catch {
      // Built for another C library.
    }
  }
  return null;
}

function over(library: LibraryHandle): Turbo {
  const declare = <T>(signature: string) => library.func(signature) as unknown as T;
  type Handle = unknown;
  const decompressor = declare<() => Handle>('void *tjInitDecompress()')();
  const compressor = declare<() => Handle>('void *tjInitCompress()')();
  const readHeader = declare<
    (handle: Handle, jpeg: Uint8Array, bytes: number, ...out: Int32Array[]) => number
  >(
    'int tjDecompressHeader3(void *handle, const uint8_t *jpeg, unsigned long bytes, int *width, int *height, int *sampling, int *colours)',
  );
  const decode = declare<
    (handle: Handle, jpeg: Uint8Array, bytes: number, into: Uint8Array, ...numbers: number[]) => number
  >(
    'int tjDecompress2(void *handle, const uint8_t *jpeg, unsigned long bytes, uint8_t *into, int width, int pitch, int height, int format, int flags)',
  );
  const decodePlanes = declare<
    (handle: Handle, jpeg: Uint8Array, bytes: number, into: Uint8Array, ...numbers: number[]) => number
  >(
    'int tjDecompressToYUV2(void *handle, const uint8_t *jpeg, unsigned long bytes, uint8_t *into, int width, int align, int height, int flags)',
  );
  const encodePlanes = declare<
    (
      handle: Handle,
      planes: Uint8Array,
      width: number,
      align: number,
      height: number,
      sampling: number,
      into: BigUint64Array,
      bytes: BigUint64Array,
      quality: number,
      flags: number,
    ) => number
  >(
    'int tjCompressFromYUV(void *handle, const uint8_t *planes, int width, int align, int height, int sampling, void *into, void *bytes, int quality, int flags)',
  );
  if (!decompressor || !compressor) throw new Error('libjpeg-turbo gave no handle');

  const [width, height, sampling, colours] = Array.from({ length: 4 }, () => new Int32Array(1)) as [
    Int32Array,
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  const size = new BigUint64Array(1);
  const pointer = new BigUint64Array(1);
  let encoded = Buffer.alloc(0);
  return {
    header(jpeg) {
      if (readHeader(decompressor, jpeg, jpeg.length, width, height, sampling, colours) !== 0) return null;
      const found = (Object.keys(samplings) as Sampling[]).find(
        (name) => samplings[name].code === sampling[0],
      );
      const expected = found === 'grey' ? colourSpaces.grey : colourSpaces.yCbCr;
      const known = found !== undefined && colours[0] === expected;
      return { width: width[0]!, height: height[0]!, sampling: known ? found : null };
    },
    pixels(jpeg, wide, high, channels, into) {
      requireRoom(into, wide * high * channels);
      const format = channels === 1 ? grey : rgb;
      return decode(decompressor, jpeg, jpeg.length, into, wide, 0, high, format, 0) === 0;
    },
    planes(jpeg, wide, high, into) {
      return decodePlanes(decompressor, jpeg, jpeg.length, into, wide, 1, high, 0) === 0;
    },
    encode(planes, wide, high, subsampling, quality) {
      // TurboJPEG's own bound for the worst case, and more.
      const most = (wide + 32) * (high + 32) * 6 + 2048;
      if (encoded.length < most) encoded = Buffer.alloc(most);
      pointer[0] = BigInt(koffi.address(encoded));
      size[0] = BigInt(encoded.length);
      const { code } = samplings[subsampling];
      const complaint = encodePlanes(
        compressor,
        planes,
        wide,
        1,
        high,
        code,
        pointer,
        size,
        quality,
        noRealloc,
      );
      return complaint === 0 ? Buffer.from(encoded.subarray(0, Number(size[0]))) : null;
    },
  };
}

/** C writes as much as it says; memory of ours must hold it. */
function requireRoom(into: Uint8Array, bytes: number): void {
  if (into.length < bytes) throw new RangeError(`Expected room for ${bytes} bytes, received ${into.length}.`);
}
