/** For tests only: files of the formats that are imported, made by hand, and what an importer takes them for. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ImportOptions } from '#contract/import.ts';
import { listFiles } from './listing.ts';
import type { Importer, Scan } from './importer.ts';

const words = (...values: number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeUInt32BE(value, at * 4));
  return bytes;
};

/** An IDX file of any type and sides. @param magic such as 0x803 for images of bytes */
export const idxFile = (magic: number, sides: number[], values: Uint8Array = new Uint8Array()) =>
  Buffer.concat([words(magic, ...sides), values]);

/** Images of bytes whose pixels count up. */
export const idxImages = (count: number, height = 8, width = 6) =>
  idxFile(
    0x803,
    [count, height, width],
    Uint8Array.from({ length: count * height * width }, (_, at) => at % 251),
  );

export const idxLabels = (labels: readonly number[]) =>
  idxFile(0x801, [labels.length], Uint8Array.from(labels));

/** Big-endian integers of 32 bits. */
export const int32 = (values: readonly number[]) => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeInt32BE(value, at * 4));
  return bytes;
};

/** Writes files below a folder, by their names with forward slashes. */
export function putFiles(folder: string, files: Record<string, string | Uint8Array>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

/** What an importer takes a path for. @throws where it refuses it, or does not detect its own */
export async function scanWith<S extends Scan>(
  importer: Importer<S>,
  path: string,
  options: ImportOptions = {},
): Promise<S> {
  const { signal } = new AbortController();
  const listing = await listFiles(path, signal);
  if (!(await importer.detect(listing)))
    throw new Error(`Not detected by the importer of ${Object.keys(importer.layouts)[0]!}.`);
  return importer.scan(listing, { location: path, options, signal });
}

/** Classes × parts in a line each, such as "cat: 4 pool, 2 test"; unlabelled images last, where there are some. */
export const inWords = ({
  classes,
  unlabelled,
}: Pick<Scan, 'classes'> & Partial<Pick<Scan, 'unlabelled'>>): string[] =>
  [...classes, ...(unlabelled ? [{ name: '(unlabelled)', counts: unlabelled }] : [])].flatMap(
    ({ name, counts }) => {
      const parts = Object.entries(counts).filter(([, count]) => count > 0);
      return parts.length === 0 && name === '(unlabelled)'
        ? []
        : [`${name}: ${parts.map(([part, count]) => `${count} ${part}`).join(', ')}`];
    },
  );
