/**
 * Announcements to everybody who listens. A slow listener gets the latest news, not all of them: what is
 * overtaken by a newer event of the same thing is dropped, and no queue grows without end.
 */
import type { StudioEvent } from '#contract/events.ts';

const queueLimit = 1000;

/** Events of which only the last matters. */
function subject(event: StudioEvent): string | null {
  switch (event.event) {
    case 'project.changed':
      return 'project';
    case 'job.changed':
      return event.job.state === 'running' ? `job ${event.job.id}` : null;
    case 'run.progress':
      return `progress ${event.runId}`;
    default:
      return null;
  }
}

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
    const last = this.#queue[this.#queue.length - 1];
    const about = subject(event);
    // Only the neighbour is replaced, so that order is kept.
    if (last && about !== null && subject(last) === about) this.#queue.pop();
    this.#queue.push(event);
    if (this.#queue.length > queueLimit) {
      const overtaken = this.#queue.findIndex((old) => subject(old) !== null);
      this.#queue.splice(Math.max(0, overtaken), 1);
    }
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
