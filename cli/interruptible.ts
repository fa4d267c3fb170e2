/**
 * Work of the studio that is followed to its end and that Ctrl-C asks to stop: a run, a study, a try. What it is and how
 * it is told is left to whoever calls.
 */
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import { followJob } from '#contract/follow.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { Interruption } from './command.ts';
import { jobProgress, type Output } from './output.ts';

export interface Work<T> {
  /** One of contract/follow.ts. */
  follow(client: StudioClient, begin: () => Promise<T>, onEvent: (event: StudioEvent) => void): Promise<T>;
  begin(): Promise<T>;
  /** Told once it has begun. */
  onBegun?(begun: T): void;
  onEvent(event: StudioEvent, begun: T): void;
  cancel(begun: T): Promise<unknown>;
  /** After what it stops, as in "Stopping after the current step". */
  stopsAfter: string;
  /** What is said when it has stopped: how to go on. */
  stopped(begun: T): AtelierError;
}

/** The work at its end. @throws its own error where it failed, `stopped` where it was cancelled */
export async function followInterruptibly<T>(
  client: StudioClient,
  { follow, begin, onBegun, onEvent, cancel, stopsAfter, stopped }: Work<T>,
  output: Output,
  signal: Interruption,
): Promise<T> {
  let begun: T | null = null;
  let stopping = false;
  // One that has just ended cannot be cancelled any more, and need not be.
  const stop = (what: T) => void cancel(what).catch(() => {});
  const release = signal.onInterrupt(() => {
    output.note(`Stopping after ${stopsAfter}; press Ctrl-C again to quit at once.`);
    stopping = true;
    if (begun !== null) stop(begun);
  });
  try {
    return await follow(
      client,
      async () => {
        const made = await begin();
        begun = made;
        // Asked to stop while it was being made.
        if (stopping) stop(made);
        onBegun?.(made);
        return made;
      },
      // Nothing is heard before it has begun.
      (event) => onEvent(event, begun!),
    );
  } catch (error) {
    const known = begun as T | null;
    if (known === null || !(error instanceof AtelierError) || error.code !== 'CANCELLED') throw error;
    throw stopped(known);
  } finally {
    release();
  }
}

interface JobWork {
  begin(): Promise<Job>;
  /** As in "Looking at 12 of 600 images". */
  doing: string;
  /** Name of the event that tells its progress. */
  progress: string;
  stopsAfter: string;
  /** What is said when it was stopped. */
  stopped: string;
}

/** `followInterruptibly` for a job of which nothing but its progress and its end is told. @throws CANCELLED where it was stopped */
export async function followOneJob(
  client: StudioClient,
  { begin, doing, progress, stopsAfter, stopped }: JobWork,
  output: Output,
  signal: Interruption,
): Promise<Job> {
  let jobId: string | null = null;
  return followInterruptibly<Job>(
    client,
    {
      follow: followJob,
      begin,
      onBegun: ({ id }) => (jobId = id),
      onEvent: jobProgress(output, ({ id }) => id === jobId, doing, progress),
      cancel: ({ id }) => client.jobs.cancel({ jobId: id }),
      stopsAfter,
      stopped: () => new AtelierError('CANCELLED', stopped),
    },
    output,
    signal,
  );
}

/** The command that goes on with what was stopped. */
export const resumeCommand = (command: string, project: string, id: string) =>
  `atelier ${command} ${/\s/.test(project) ? JSON.stringify(project) : project} --resume ${id}`;
