/** One trial of `npm run torture -- mutated-sources`: a mutated file of a kind is read, and what comes of it is checked. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AtelierError } from '#contract/errors.ts';
import type { FileScan } from '#engine/intake/importer.ts';
import { mutate } from './mutations.ts';
import { archives, contents, idxFiles, tables } from './source-files.ts';

export const sourceKinds = ['idx', 'table', 'archive'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** What is tried; replaced to show that faults are noticed. */
export interface Readers {
  idx(folder: string, pack: string): Promise<{ images: number; height: number; width: number }>;
  table(path: string): Promise<Pick<FileScan, 'images' | 'skipped'>>;
  /** @returns how many entries were skipped */
  archive(path: string, to: string): Promise<number>;
}

const codes = ['SOURCE_UNREADABLE', 'SOURCE_EMPTY', 'DISK_FULL'];

type Outcome = 'read' | 'skipped' | 'refused';

const any = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)]!;

/** Writes one of the files, mutated. @returns where, and which it was */
function layMutated<T extends { name: string; bytes: Buffer }>(
  folder: string,
  files: readonly T[],
  random: () => number,
): { path: string; chosen: T } {
  const chosen = any(files, random);
  const path = join(folder, chosen.name);
  const bytes = files.map((file) => file.bytes);
  writeFileSync(path, mutate(chosen.bytes, random, bytes));
  return { path, chosen };
}

/** One trial of a kind, in a folder of its own. @throws Error for whatever is no promised ending */
export function prepare(
  kind: SourceKind,
  folder: string,
  readers: Readers,
): (random: () => number) => Promise<Outcome> {
  switch (kind) {
    case 'idx': {
      const all = idxFiles.flatMap(({ images, labels }) => [images, labels]);
      return async (random) => {
        const { images, labels } = any(idxFiles, random);
        const both = random() < 0.2;
        const which = random() < 0.5;
        const put = (name: string, bytes: Buffer, change: boolean) =>
          writeFileSync(join(folder, name), change ? mutate(bytes, random, all) : bytes);
        put('train-images-idx3-ubyte', images, both || which);
        put('train-labels-idx1-ubyte', labels, both || !which);
        const pack = join(folder, '..', 'pack.part');
        return ending(async () => {
          const { images: count, height, width } = await readers.idx(folder, pack);
          const size = statSync(pack).size;
          if (size !== count * height * width)
            throw new Error(`${count} images of ${height}×${width} were told, ${size} bytes written`);
          return 0;
        });
      };
    }
    case 'table': {
      mkdirSync(join(folder, 'images'));
      for (let at = 0; at < 8; at += 1) writeFileSync(join(folder, 'images', `${at}.png`), '');
      return async (random) => {
        const { path } = layMutated(folder, tables, random);
        return ending(async () => {
          try {
            const { images, skipped } = await readers.table(path);
            for (const image of images) {
              if (!image.path.startsWith(join(folder, 'images')) || !existsSync(image.path))
                throw new Error(`a row led to ${image.path}`);
              if (image.className === null) continue;
              if (image.className.trim() === '' || /\p{Cc}/u.test(image.className))
                throw new Error(`a row made the class ${JSON.stringify(image.className)}`);
            }
            const named = new Set(
              [...images, ...skipped.map(({ path: each }) => ({ name: each.replace(/ \(.*/s, '') }))].map(
                (each) => each.name,
              ),
            );
            for (let at = 0; at < 8; at += 1) {
              const image = `images/${at}.png`;
              if (!named.has(image) && !skipped.some(({ path: each }) => each.includes(`${at}`)))
                throw new Error(`${image} is neither taken nor named`);
            }
            return skipped.length;
          } finally {
            rmSync(path);
          }
        });
      };
    }
    case 'archive': {
      const out = join(folder, '..', 'out');
      return async (random) => {
        const { path, chosen } = layMutated(folder, archives, random);
        try {
          return await ending(async () => {
            const skipped = await readers.archive(path, out);
            for (const file of filesBelow(out)) {
              if (chosen.checked && !contents.has(readFileSync(file, 'latin1')))
                throw new Error(`${file} holds what nobody packed`);
            }
            const strays = readdirSync(join(folder, '..')).filter(
              (each) => !['idx', 'table', 'archive', 'out', 'pack.part'].includes(each),
            );
            if (strays.length > 0) throw new Error(`it wrote ${strays.join(', ')}`);
            return skipped;
          });
        } finally {
          rmSync(out, { recursive: true, force: true });
          rmSync(path);
        }
      };
    }
    default:
      return kind satisfies never;
  }
}

/** @param work resolves with how many files it skipped @throws Error where it ends in no typed error */
async function ending(work: () => Promise<number>): Promise<Outcome> {
  try {
    return (await work()) === 0 ? 'read' : 'skipped';
  } catch (thrown) {
    if (!(thrown instanceof AtelierError)) throw thrown;
    if (!codes.includes(thrown.code)) throw new Error(`${thrown.code}: ${thrown.message}`, { cause: thrown });
    return 'refused';
  }
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
