/**
 * Starts something slow and follows its events to the end, over any client. For the command line, the sample
 * and whoever must wait; the window listens to all events instead and waits for none.
 */
import { AtelierError } from './errors.ts';
import type { StudioEvent } from './events.ts';
import type { Job } from './job.ts';
import type { StudioClient } from './rpc.ts';
import type { Run } from './run.ts';
import type { Study } from './study.ts';

type Listener = (event: StudioEvent) => void;

/**
 * The finished job.
 * @throws the job's own error when it failed, CANCELLED when it was cancelled
 */
export function followJob(
  client: StudioClient,
  start: () => Promise<Job>,
  onEvent: Listener = () => {},
): Promise<Job> {
  return follow(client, start, onEvent, (event, { id }) =>
    event.event === 'job.changed' && event.job.id === id ? event.job : null,
  );
}

/**
 * The run when it has finished.
 * @throws the run's own error when it failed, CANCELLED when it was cancelled (it can be resumed)
 */
export function followRun(
  client: StudioClient,
  start: () => Promise<Run>,
  onEvent: Listener = () => {},
): Promise<Run> {
  return follow(client, start, onEvent, (event, { id }) =>
    event.event === 'run.changed' && event.run.id === id ? event.run : null,
  );
}

/**
 * The study when it has finished.
 * @throws the study's own error when it failed, CANCELLED when it was cancelled (it can be resumed)
 */
export function followStudy(
  client: StudioClient,
  start: () => Promise<Study>,
  onEvent: Listener = () => {},
): Promise<Study> {
  return follow(client, start, onEvent, (event, { id }) =>
    event.event === 'study.changed' && event.study.id === id ? event.study : null,
  );
}

async function follow<T extends Job | Run | Study>(
  client: StudioClient,
  start: () => Promise<T>,
  onEvent: Listener,
  pick: (event: StudioEvent, started: T) => Job | Run | Study | null,
): Promise<T> {
  const events = (await client.studio.events())[Symbol.asyncIterator]();
  // Asked for before the start, so that no event between the two is missed.
  let next = events.next();
  next.catch(() => {});
  try {
    const started = await start();
    let latest = started;
    while (latest.state === 'queued' || latest.state === 'running') {
      const { done, value } = await next;
      if (done) throw new AtelierError('CONNECTION_LOST', 'The studio closed while it was working.');
      next = events.next();
      next.catch(() => {});
      latest = (pick(value, started) as T | null) ?? latest;
      onEvent(value);
    }
    if (latest.state === 'failed') {
      throw latest.error
        ? AtelierError.fromWire(latest.error)
        : new AtelierError('INTERNAL', 'The work failed and gave no reason. Please report this.');
    }
    if (latest.state === 'cancelled') {
      throw new AtelierError('CANCELLED', 'Cancelled. What was finished is kept.', { id: started.id });
    }
    return latest;
  } finally {
    await events.return?.(undefined);
  }
}
