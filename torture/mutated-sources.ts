/**
 * Imports mutated IDX files, tables and archives, many thousand of each in one process. Each must end in images that can be
 * accounted for, in a list of skipped files, or in a typed error; nothing may crash, hang, leak or write elsewhere.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { unpackArchives } from '#engine/intake/archive/archive.ts';
import { idxImporter } from '#engine/intake/idx/idx.ts';
import { listFiles } from '#engine/intake/listing.ts';
import { tableImporter } from '#engine/intake/table/table.ts';
import { seededRandom } from '#learning/splits/draw-parts.ts';
import { prepare, type Readers, type SourceKind, sourceKinds } from './mutated-trials.ts';
import type { TrialOptions } from './trials.ts';

/** `trials` are of each kind. */
interface MutationOptions extends TrialOptions {
  kinds?: readonly SourceKind[];
  readers?: Partial<Readers>;
}

const signal = new AbortController().signal;
/** No trial takes a hundredth of it; one that takes longer hangs. */
const longest = 60_000;
/** Trials side by side. */
const lanes = 8;

const real: Readers = {
  async idx(folder, pack) {
    const listing = await listFiles(folder, signal);
    const scan = await idxImporter.scan(listing, { location: folder, options: {}, signal });
    const { items } = await idxImporter.read(scan, {
      pack,
      signal,
      onProgress: () => undefined,
    });
    return { images: items.length, height: items[0]!.height, width: items[0]!.width };
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

export async function tortureMutatedSources(options: MutationOptions) {
  const { trials, seed, kinds = sourceKinds, onLine = () => undefined } = options;
  const readers = { ...real, ...options.readers };
  // In memory where there is such a place: it is not the disk that is tried.
  const place = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'atelier-mutated-'));
  const result = {
    trials: 0,
    /** Read whole, read with files skipped, refused. */
    read: 0,
    skipped: 0,
    refused: 0,
    losses: [] as { kind: SourceKind; trial: number; what: string }[],
    /** Open files more than after the first tenth. */
    openFiles: 0,
    /** Bytes that the heap grew by after the first tenth. */
    heapGrowth: 0,
  };
  const begun = performance.now();

  /** Trials `from` to `to` of a kind; most of each is waiting for files, so several run side by side. */
  const run = async (kind: SourceKind, from: number, to: number) => {
    let next = from;
    const lane = async (number: number) => {
      const folder = join(place, `${kind}-${from}-${number}`, kind);
      mkdirSync(folder, { recursive: true });
      const attempt = prepare(kind, folder, readers);
      for (let trial = next++; trial <= to; trial = next++) {
        const random = seededRandom(seed * 1_000_003 + trial);
        try {
          result[await within(attempt(random))] += 1;
        } catch (thrown) {
          result.losses.push({ kind, trial, what: (thrown as Error).message });
          onLine(`${kind} ${trial}: ${(thrown as Error).message}`);
        }
        result.trials += 1;
        if (trial % 10_000 === 0) onLine(`${kind}: ${trial} trials, ${result.losses.length} lost so far`);
      }
    };
    await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  };
  try {
    // What a program keeps for ever it has after the first few.
    const first = Math.ceil(trials / 10);
    for (const kind of kinds) await run(kind, 1, first);
    const files = await openFilesAtRest();
    const heap = heapUsed();
    for (const kind of kinds) await run(kind, first + 1, trials);
    result.openFiles = (await openFilesAtRest()) - files;
    result.heapGrowth = heapUsed() - heap;
    return { ...result, seconds: (performance.now() - begun) / 1000 };
  } finally {
    rmSync(place, { recursive: true, force: true });
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

/** Files that this process has open, where the system tells. */
const openFiles = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);

/** A stream that was ended closes its file a little later. */
async function openFilesAtRest(): Promise<number> {
  for (let turns = 0, still = 0, last = openFiles(); still < 200 && turns < 10_000; turns += 1) {
    await turnOfEventLoop();
    const now = openFiles();
    still = now === last ? still + 1 : 0;
    last = now;
  }
  return openFiles();
}

/** After a collection, so that what counts is held by somebody. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
