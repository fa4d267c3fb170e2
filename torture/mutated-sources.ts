/**
 * Imports mutated IDX files, tables and archives, many thousand of each in one process. Each must end in images that can be
 * accounted for, in a list of skipped files, or in a typed error; nothing may crash, hang, leak or write elsewhere.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AtelierError } from '#contract/errors.ts';
import { unpackArchives } from '#engine/intake/archive.ts';
import { idxImporter } from '#engine/intake/idx.ts';
import { listFiles } from '#engine/intake/listing.ts';
import type { FileScan } from '#engine/intake/source.ts';
import { tableImporter } from '#engine/intake/table.ts';
import { seededRandom } from '#engine/project/split.ts';
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

export interface MutationOptions {
  /** Of each kind. */
  trials: number;
  seed: number;
  kinds?: readonly SourceKind[];
  readers?: Partial<Readers>;
  onLine?: (line: string) => void;
}

export interface MutationResult {
  trials: number;
  /** Read whole, read with files skipped, refused. */
  read: number;
  skipped: number;
  refused: number;
  losses: { kind: SourceKind; trial: number; what: string }[];
  /** Open files more than before. */
  openFiles: number;
  /** Bytes that the heap grew by after the first tenth. */
  heapGrowth: number;
  seconds: number;
}

const signal = new AbortController().signal;
const codes = ['SOURCE_UNREADABLE', 'SOURCE_EMPTY', 'DISK_FULL'];
/** No trial takes a hundredth of it; one that takes longer hangs. */
const longest = 60_000;

const real: Readers = {
  async idx(folder, pack) {
    const listing = await listFiles(folder, signal);
    const scan = await idxImporter.scan(listing, { location: folder, options: {}, signal });
    const { items, height, width } = await idxImporter.read(scan, {
      pack,
      signal,
      onProgress: () => undefined,
    });
    return { images: items.length, height: height!, width: width! };
  },
  async table(path) {
    return tableImporter.scan(await listFiles(path, signal), { location: path, options: {}, signal });
  },
  async archive(path, to) {
    const listing = await listFiles(path, signal);
    const unpacked = await unpackArchives(listing, { folder: to, durable: false }, signal, () => undefined);
    return unpacked?.listing.skipped.length ?? 0;
  },
};

type Outcome = 'read' | 'skipped' | 'refused';

export async function tortureMutatedSources(options: MutationOptions): Promise<MutationResult> {
  const { trials, seed, kinds = sourceKinds, onLine = () => undefined } = options;
  const readers = { ...real, ...options.readers };
  // In memory where there is such a place: it is not the disk that is tried.
  const place = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'atelier-mutated-'));
  const result: MutationResult = {
    trials: 0,
    read: 0,
    skipped: 0,
    refused: 0,
    losses: [],
    openFiles: 0,
    heapGrowth: 0,
    seconds: 0,
  };
  const begun = performance.now();
  const files = openFiles();
  let heap = 0;
  try {
    for (const kind of kinds) {
      const folder = join(place, kind);
      mkdirSync(folder);
      const attempt = prepare(kind, folder, readers);
      for (let trial = 1; trial <= trials; trial += 1) {
        const random = seededRandom(seed * 1_000_003 + trial);
        result.trials += 1;
        try {
          result[await within(attempt(random))] += 1;
        } catch (thrown) {
          result.losses.push({ kind, trial, what: (thrown as Error).message });
          onLine(`${kind} ${trial}: ${(thrown as Error).message}`);
        }
        if (kind === kinds[0] && trial === Math.ceil(trials / 10)) heap = heapUsed();
        if (trial % 10_000 === 0) onLine(`${kind}: ${trial} trials, ${result.losses.length} lost so far`);
      }
    }
    result.openFiles = openFiles() - files;
    result.heapGrowth = heapUsed() - heap;
    return { ...result, seconds: (performance.now() - begun) / 1000 };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** One trial of a kind, in a folder of its own. @throws Error for whatever is no promised ending */
function prepare(
  kind: SourceKind,
  folder: string,
  readers: Readers,
): (random: () => number) => Promise<Outcome> {
  const any = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)]!;
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
        const { name, bytes } = any(tables, random);
        const path = join(folder, name);
        writeFileSync(
          path,
          mutate(
            bytes,
            random,
            tables.map((table) => table.bytes),
          ),
        );
        return ending(async () => {
          try {
            const { images, skipped } = await readers.table(path);
            for (const image of images) {
              if (!image.path.startsWith(join(folder, 'images')) || !existsSync(image.path))
                throw new Error(`a row led to ${image.path}`);
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
        const { name, bytes, checked } = any(archives, random);
        const path = join(folder, name);
        writeFileSync(
          path,
          mutate(
            bytes,
            random,
            archives.map((archive) => archive.bytes),
          ),
        );
        try {
          return await ending(async () => {
            const skipped = await readers.archive(path, out);
            for (const file of filesBelow(out)) {
              if (checked && !contents.has(readFileSync(file, 'latin1')))
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

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it hung for ${longest / 1000} s`)), longest);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** Files that this process has open, where the system tells. */
const openFiles = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);

/** After a collection, so that what counts is held by somebody. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
