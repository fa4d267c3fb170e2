/**
 * Named bytes to one zip, the same bytes each time: order as given, one date for all, no owner and no clock.
 * Where the zip is written to is left to bundle.ts.
 */
import { ZipFile } from 'yazl';

export interface NamedFile {
  /** Path within the zip, with slashes. */
  name: string;
  bytes: Uint8Array;
}

/** Weights and PNGs are as good as random: squeezing them takes time and gains nothing. */
const incompressible = /\.(onnx|safetensors|png)$/;

/** @returns the zip part by part, made as it is read */
export function zip(files: readonly NamedFile[]): AsyncIterable<Uint8Array> {
  const archive = new ZipFile();
  // The first moment that a zip can tell. It knows no time zone, and takes the parts of the local time.
  const mtime = new Date(1980, 0, 1);
  for (const { name, bytes } of files) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const compress = !incompressible.test(name);
    archive.addBuffer(buffer, name, { mtime, forceDosTimestamp: true, mode: 0o100644, compress });
  }
  archive.end();
  return archive.outputStream as unknown as AsyncIterable<Uint8Array>;
}
