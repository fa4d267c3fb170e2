/**
 * Threads that read plain pictures, one for each core: what they do is synchronous and takes all of a core. A thread that
 * cannot be had or ends takes nothing with it: its files come back as not plain, and are read the other way.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import { coreCount } from '#learning/cores.ts';
import type { PlainBatch, PlainReader } from './read-plain.ts';

export interface ReadRequest {
  id: number;
  paths: string[];
}
export interface Answer {
  id: number;
  batch: PlainBatch;
}

interface Readers {
  /** How many batches are worth being asked for at once. */
  atOnce: number;
  /** @param paths absolute */
  read(paths: string[]): Promise<PlainBatch>;
  close(): Promise<void>;
}

/** Starting a thread takes longer than reading so many. */
const worthThreads = 24;
/** At least two: where one waits for the disk, the other goes on. */
const leastThreads = 2;
const mostThreads = 8;
/** Batches a thread has before it, so that it never waits for the next. */
const batchesEach = 2;

/** @param images how many are to be read @param folder of the running program, where the threads' program lies too */
export function openReaders(images: number, folder = dirname(process.argv[1] ?? '')): Readers {
  const script = join(folder, 'reader.cjs');
  // Beside a bundled worker; whoever runs from the sources has none.
  if (images < worthThreads || !existsSync(script)) return readHere();
  const threads = Array.from(
    { length: Math.min(Math.max(coreCount(), leastThreads), mostThreads) },
    () => new ReaderThread(script),
  );
  return {
    atOnce: threads.length * batchesEach,
    read(paths) {
      const [idlest] = [...threads].sort((a, b) => a.open - b.open);
      return idlest!.read(paths);
    },
    close: async () => void (await Promise.all(threads.map((thread) => thread.end()))),
  };
}

let here: Promise<PlainReader> | null = null;

/** In this thread, a batch in a turn of the event loop. What only the threads need otherwise is loaded for it. */
function readHere(): Readers {
  here ??= import('./read-plain.ts').then(({ PlainReader }) => new PlainReader());
  const reader = here;
  return {
    atOnce: 1,
    async read(paths) {
      await new Promise((resolve) => setImmediate(resolve));
      return (await reader).read(paths);
    },
    close: () => Promise.resolve(),
  };
}

class ReaderThread {
  readonly #thread: Thread;
  readonly #waiting = new Map<number, { paths: string[]; resolve(batch: PlainBatch): void }>();
  #ended = false;
  #last = 0;

  constructor(script: string) {
    this.#thread = new Thread(script);
    this.#thread.on('message', ({ id, batch }: Answer) => {
      this.#waiting.get(id)?.resolve(batch);
      this.#waiting.delete(id);
    });
    // An error that nobody listens for would end the process; the end of the thread follows it.
    this.#thread.on('error', () => undefined);
    this.#thread.on('exit', () => {
      this.#ended = true;
      for (const { paths, resolve } of this.#waiting.values()) resolve(nothingPlain(paths));
      this.#waiting.clear();
    });
  }

  /** Batches that it was asked for and has not answered; one that ended is asked last. */
  get open(): number {
    return this.#ended ? Number.POSITIVE_INFINITY : this.#waiting.size;
  }

  read(paths: string[]): Promise<PlainBatch> {
    if (this.#ended) return Promise.resolve(nothingPlain(paths));
    return new Promise((resolve) => {
      const id = ++this.#last;
      this.#waiting.set(id, { paths, resolve });
      const question: ReadRequest = { id, paths };
      this.#thread.postMessage(question);
    });
  }

  end(): Promise<unknown> {
    return this.#thread.terminate();
  }
}

const nothingPlain = (paths: string[]): PlainBatch => ({
  read: paths.map(() => null),
  thumbnails: new Uint8Array(0),
});
