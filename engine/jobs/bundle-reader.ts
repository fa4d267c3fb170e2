/**
 * An exported bundle from the studio's side: a worker process of its own opens it and answers. A bundle may come from
 * anybody, and whether a graph ends cannot be told beforehand: where an answer takes too long, or the worker too much
 * memory, the worker is ended and with it the graph. Needs neither project nor studio.
 */
import { readFileSync } from 'node:fs';
import { AtelierError } from '#contract/errors.ts';
import type { Input, Result } from '../worker/protocol.ts';
import { forkWorker, type Spawner, Worker } from './workers.ts';

export interface BundleLimits {
  /** For opening the bundle, and for each answer. */
  milliseconds: number;
  /** Memory that the worker may hold, in bytes; watched on Linux only. */
  bytes: number;
}

/** An image through the largest network that Atelier trains takes seconds on a slow machine. */
export const bundleLimits: BundleLimits = { milliseconds: 120_000, bytes: 8 * 2 ** 30 };
/** How often memory is looked at. */
const lookMilliseconds = 200;

export class BundleReader {
  #worker: Worker | null = null;

  /** @param bundle its absolute path */
  constructor(
    private readonly bundle: string,
    private readonly limits: BundleLimits = bundleLimits,
    private readonly spawner: Spawner = forkWorker,
  ) {}

  /** @throws SOURCE_UNREADABLE, BUNDLE_DAMAGED, BUNDLE_REFUSED, BUNDLE_TOO_SLOW, OUT_OF_MEMORY, WORKER_DIED */
  open(): Promise<Result<'open-bundle'>> {
    return this.#within('open-bundle', { bundle: this.bundle });
  }

  /** Throws as `open` does, and IMAGE_UNREADABLE. A worker that died is replaced at the next call. */
  predict(image: { path: string; name: string }): Promise<Result<'predict-bundle'>> {
    return this.#within('predict-bundle', { bundle: this.bundle, image });
  }

  close(): void {
    this.#worker?.close();
    this.#worker = null;
  }

  async #within<K extends 'open-bundle' | 'predict-bundle'>(kind: K, input: Input<K>): Promise<Result<K>> {
    if (!this.#worker?.alive) this.#worker = new Worker(this.spawner, 'prediction', 'try again', false);
    const worker = this.#worker;
    let why: AtelierError | null = null;
    const end = (error: AtelierError) => {
      why = error;
      worker.close();
    };
    const clock = setTimeout(() => end(tooSlow(this.limits)), this.limits.milliseconds);
    const look = setInterval(() => {
      if (heldBytes(worker.pid) > this.limits.bytes) end(tooLarge(this.limits));
    }, lookMilliseconds);
    try {
      return await worker.run(kind, input);
    } catch (thrown) {
      throw why ?? thrown;
    } finally {
      clearTimeout(clock);
      clearInterval(look);
    }
  }
}

/** Memory of a process; 0 where the system does not tell. */
function heldBytes(pid: number | undefined): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

const tooSlow = ({ milliseconds }: BundleLimits) =>
  new AtelierError(
    'BUNDLE_TOO_SLOW',
    `Expected a prediction of the bundle within ${milliseconds / 1000} s, received none, so its process was ended. Its model may never end: take a bundle that you trust, or export the run again.`,
    { milliseconds },
  );

const tooLarge = ({ bytes }: BundleLimits) =>
  new AtelierError(
    'OUT_OF_MEMORY',
    `Expected the bundle to need at most ${bytes / 2 ** 30} GiB of memory, but it took more, so its process was ended. Take a bundle that you trust, or export the run again.`,
    { bytes },
  );
