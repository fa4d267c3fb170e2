import { describe, expect, it } from 'vitest';
import type { StudioEvent } from '#contract/events.ts';
import { Events } from './events.ts';

const progress = (step: number): StudioEvent => ({
  event: 'run.progress',
  runId: 'run-1',
  step,
  steps: 10,
  epoch: 1,
  epochs: 1,
  loss: 1,
  accuracy: 0,
  learningRate: 1,
  imagesPerSecond: 1,
  secondsLeft: null,
});
const deleted = (runId: string): StudioEvent => ({ event: 'run.deleted', runId });

describe('events', () => {
  it('reach every listener in order, the latest of what was overtaken', async () => {
    const events = new Events();
    const listener = events.subscribe();
    for (const event of [progress(1), progress(2), deleted('a'), progress(3)]) events.emit(event);
    expect([
      (await listener.next()).value,
      (await listener.next()).value,
      (await listener.next()).value,
    ]).toEqual([progress(2), deleted('a'), progress(3)]);
    const next = listener.next();
    events.emit(deleted('b'));
    expect(await next).toEqual({ done: false, value: deleted('b') });
  });

  it('do not pile up without end for a listener that is slow', async () => {
    const events = new Events();
    const listener = events.subscribe();
    for (let index = 0; index < 5000; index++) events.emit(deleted(String(index)));
    let count = 0;
    events.close();
    for await (const event of listener) count += event ? 1 : 0;
    expect(count).toBe(1000);
  });

  it('forget listeners that leave, however they leave', async () => {
    const events = new Events();
    const controller = new AbortController();
    const waiting = events.subscribe(controller.signal).next();
    const other = events.subscribe();
    expect(events.listeners).toBe(2);
    controller.abort();
    await other.return?.();
    expect(events.listeners).toBe(0);
    expect((await waiting).done).toBe(true);
  });
});
