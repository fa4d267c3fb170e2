/**
 * Announcements to everybody who listens. A slow listener gets the latest news, not all of them: what is
 * overtaken by a newer event of the same thing is dropped, and no queue grows without end.
 */
import type { StudioEvent } from '#contract/events.ts';

const queueLimit = 1000;

/** Of the events with one subject only the last matters; null where each does. */
function subject(event: StudioEvent): string | null {
  switch (event.event) {
    case 'project.changed':
      return 'project';
    case 'counts.changed':
      return 'counts';
    case 'job.changed':
      return `job ${event.job.id}`;
    case 'run.changed':
      return `run ${event.run.id}`;
    case 'run.progress':
      return `progress ${event.runId}`;
    case 'study.changed':
      return `study ${event.study.id}`;
    default:
      return null;
  }
}

type CountsChanged = Extract<StudioEvent, { event: 'counts.changed' }>;

/** Somebody may wait for this: only a later one of its kind about the same thing takes its place. */
function mustArrive(event: StudioEvent): boolean {
  switch (event.event) {
    case 'job.changed':
      return hasEnded(event.job.state);
    case 'run.changed':
      return hasEnded(event.run.state);
    case 'study.changed':
      return hasEnded(event.study.state);
    // Tells what no later one repeats: those that wait are one, see `#withEarlier`.
    case 'counts.changed':
      return true;
    default:
      return false;
  }
}

const hasEnded = (state: string) => state !== 'queued' && state !== 'running';

class Listener implements AsyncIterableIterator<StudioEvent> {
  readonly #queue: StudioEvent[] = [];
  #waiting: ((result: IteratorResult<StudioEvent>) => void) | null = null;
  #closed = false;

  constructor(private readonly onClose: (listener: Listener) => void) {}

  push(event: StudioEvent): void {
    if (this.#closed) return;
    if (this.#waiting) {
      this.#waiting({ done: false, value: event });
      this.#waiting = null;
      return;
    }
    if (event.event === 'counts.changed') event = this.#withEarlier(event);
    // The whole project tells these counts too, and newer ones.
    if (event.event === 'project.changed') this.#forget('counts');
    const about = subject(event);
    if (about !== null) {
      this.#forget(about, mustArrive(event));
    }
    this.#queue.push(event);
    if (this.#queue.length <= queueLimit) return;
    // First what the next event of its kind tells again. What must arrive is kept: there is no more of it than things that end.
    const again = this.#queue.findIndex((old) => subject(old) !== null && !mustArrive(old));
    const dropped = again >= 0 ? again : this.#queue.findIndex((old) => !mustArrive(old));
    if (dropped >= 0) this.#queue.splice(dropped, 1);
  }

  /** @param all also what must arrive */
  #forget(about: string, all = true): void {
    const kept = this.#queue.filter((old) => subject(old) !== about || (mustArrive(old) && !all));
    this.#queue.splice(0, this.#queue.length, ...kept);
  }

  /** The counts of all classes that waited to be told, and these: the earlier event makes place for it. */
  #withEarlier(event: CountsChanged): CountsChanged {
    const earlier = this.#queue.find((old): old is CountsChanged => old.event === 'counts.changed');
    if (!earlier || earlier.change.projectId !== event.change.projectId) return event;
    const now = new Set(event.change.classes.map(({ id }) => id));
    const classes = [...earlier.change.classes.filter(({ id }) => !now.has(id)), ...event.change.classes];
    return { ...event, change: { ...event.change, classes } };
  }

  next(): Promise<IteratorResult<StudioEvent>> {
    const value = this.#queue.shift();
    if (value) return Promise.resolve({ done: false, value });
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  return(): Promise<IteratorResult<StudioEvent>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting?.({ done: true, value: undefined });
    this.#waiting = null;
    this.onClose(this);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

export class Events {
  readonly #listeners = new Set<Listener>();

  get listeners(): number {
    return this.#listeners.size;
  }

  emit(event: StudioEvent): void {
    for (const listener of this.#listeners) listener.push(event);
  }

  /** Listens from now on, until `return` is called or the signal is aborted. */
  subscribe(signal?: AbortSignal): AsyncIterableIterator<StudioEvent> {
    const listener = new Listener((closed) => this.#listeners.delete(closed));
    this.#listeners.add(listener);
    if (signal?.aborted) listener.close();
    signal?.addEventListener('abort', () => listener.close());
    return listener;
  }

  close(): void {
    for (const listener of this.#listeners) listener.close();
  }
}
