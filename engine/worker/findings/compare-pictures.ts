/**
 * Compares pictures with those that are likely copies of them, in threads where there are many: it is synchronous and takes all of a core. Runs in workers;
 * the comparison itself is learning/findings/near-duplicates.ts.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import { AtelierError } from '#contract/errors.ts';
import { coreCount } from '#learning/cores.ts';
import type { Neighbours } from '#learning/embeddings/nearest-others.ts';
import { picturePixels } from '#learning/findings/grey-picture.ts';
import { type AlikePair, alikePictures } from '#learning/findings/near-duplicates.ts';
import { inTurns } from '#learning/work-in-turns.ts';

/** What a thread is handed: memory that all share, and its part of the pictures. */
export interface Comparing {
  pictures: Uint8Array;
  neighbours: Pick<Neighbours, 'count' | 'places'>;
  from: number;
  to: number;
}
export type ComparingAnswer = { done: number } | { pairs: AlikePair[] };

/** Fewer are compared before a thread has started. */
const worthThreads = 4000;
const mostThreads = 8;

/**
 * @param pictures [n, 32, 32]
 * @param onPicture told how many pictures were compared
 * @param folder of the running program, where the threads' program lies too
 * @throws CANCELLED
 */
export async function comparePictures(
  pictures: Uint8Array,
  neighbours: Pick<Neighbours, 'count' | 'places'>,
  {
    from = 0,
    signal,
    onPicture = () => undefined,
  }: { from?: number; signal: AbortSignal; onPicture?: (done: number) => void },
  folder = dirname(process.argv[1] ?? ''),
): Promise<AlikePair[]> {
  const count = pictures.length / picturePixels;
  const script = join(folder, 'compare-thread.cjs');
  // Beside a bundled worker; whoever runs from the sources has none.
  if (count - from < worthThreads || !existsSync(script))
    return inTurns(
      alikePictures(pictures, neighbours, { from, onPicture }),
      'looking for duplicates',
      signal,
    );
  const shared = { pictures: inSharedMemory(pictures), neighbours };
  const threads = Math.min(mostThreads, coreCount());
  const edge = (at: number) => from + Math.floor((at * (count - from)) / threads);
  const done = new Array<number>(threads).fill(0);
  const parts = Array.from({ length: threads }, (_, at) =>
    inThread(script, { ...shared, from: edge(at), to: edge(at + 1) }, signal, (here) => {
      done[at] = here;
      onPicture(done.reduce((sum, some) => sum + some, 0));
    }),
  );
  return (await Promise.all(parts)).flat();
}

function inSharedMemory(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

function inThread(
  script: string,
  comparing: Comparing,
  signal: AbortSignal,
  onDone: (done: number) => void,
): Promise<AlikePair[]> {
  return new Promise((resolve, reject) => {
    const thread = new Thread(script, { workerData: comparing });
    const cancel = () => {
      void thread.terminate();
      reject(new AtelierError('CANCELLED', 'Cancelled while looking for duplicates.'));
    };
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    thread.on('message', (answer: ComparingAnswer) => {
      if ('done' in answer) return onDone(answer.done);
      resolve(answer.pairs);
    });
    thread.once('error', reject);
    thread.once('exit', () => {
      signal.removeEventListener('abort', cancel);
      reject(
        new AtelierError('WORKER_DIED', 'A thread that compared images ended before it was done. Try again.'),
      );
    });
  });
}
