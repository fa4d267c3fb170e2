/**
 * Carries out a task that leaves something pending in a worker, and makes it count: the one place where what a worker wrote
 * becomes part of the project.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Input, Result } from '../worker/protocol.ts';
import type { JobContext } from './queue.ts';
import { followedBy, type Worker } from './workers.ts';

type PendingTask = 'import-store' | 'source-update';

/**
 * A cancel is heard until it counts; then nothing of it is there. Call inside `project.exclusively`, and follow what it did.
 * @param isThere whether it is in the project after all, where the worker died while it was made to count
 * @throws what the task throws, CANCELLED, WORKER_DIED; then nothing was changed
 */
export async function carryOutPending<K extends PendingTask>(
  worker: Pick<Worker, 'run'>,
  kind: K,
  input: Input<K>,
  context: JobContext,
  isThere: (result: Result<K>) => boolean,
): Promise<Result<K>> {
  const result = await worker.run(kind, input, followedBy(context));
  if (context.signal.aborted) {
    await worker.run('settle', { commit: false });
    throw new AtelierError('CANCELLED', 'Cancelled. Nothing was changed.');
  }
  try {
    await worker.run('settle', { commit: true });
  } catch (thrown) {
    // The worker may have died right after its commit.
    if (!isThere(result)) throw thrown;
  }
  return result;
}
