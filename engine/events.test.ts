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
    expect([(await listener.next()).value, (await listener.next()).value]).toEqual([
      deleted('a'),
      progress(3),
    ]);
    const next = listener.next();
    events.emit(deleted('b'));
    expect(await next).toEqual({ done: false, value: deleted('b') });
  });

  it('of counts are told as one, and not after a project that is newer', async () => {
    const events = new Events();
    const listener = events.subscribe();
    const counts = (id: number, total: number): StudioEvent =>
      ({
        event: 'counts.changed',
        change: { projectId: 'p', classes: [{ id, counts: { total } }], counts: { total }, undo: `${total}` },
      }) as unknown as StudioEvent;
    events.emit(counts(1, 10));
    events.emit(counts(2, 20));
    events.emit(counts(1, 30));
    for (let index = 0; index < 3000; index++) events.emit(deleted(String(index)));
    expect((await listener.next()).value).toMatchObject({
      change: {
        classes: [
          { id: 2, counts: { total: 20 } },
          { id: 1, counts: { total: 30 } },
        ],
        undo: '30',
      },
    });
    const other = events.subscribe();
    events.emit(counts(1, 40));
    events.emit({ event: 'project.changed', project: null });
    events.emit(counts(2, 50));
    const told = [(await other.next()).value, (await other.next()).value] as StudioEvent[];
    expect(told[0]).toMatchObject({ event: 'project.changed' });
    expect(told[1]).toMatchObject({ change: { classes: [{ id: 2 }] } });
    events.close();
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

  it('of one study or run wait once, wherever in the queue, and its end is always told', async () => {
    const events = new Events();
    const listener = events.subscribe();
    const study = (id: string, state: string, trials = 0) =>
      ({ event: 'study.changed', study: { id, state, trials } }) as unknown as StudioEvent;
    const run = (id: string, state: string) =>
      ({ event: 'run.changed', run: { id, state } }) as unknown as StudioEvent;
    for (let trials = 0; trials < 50; trials++) {
      events.emit(study('study-1', 'running', trials));
      events.emit(run('run-1', 'running'));
      events.emit(study('study-2', 'running', trials));
    }
    events.emit(study('study-1', 'failed'));
    events.emit(run('run-1', 'finished'));
    // Resumed at once: that it had ended is told nevertheless.
    events.emit(study('study-1', 'queued'));
    for (let index = 0; index < 3000; index++) events.emit(deleted(String(index)));
    events.close();
    const heard: StudioEvent[] = [];
    for await (const event of listener) heard.push(event);
    expect(heard.length).toBe(1000);
    expect(heard.slice(0, 2)).toEqual([study('study-1', 'failed'), run('run-1', 'finished')]);

    const other = events.subscribe();
    for (let trials = 0; trials < 50; trials++) {
      events.emit(study('study-1', 'running', trials));
      events.emit(study('study-2', 'running', trials));
    }
    events.close();
    const waiting: StudioEvent[] = [];
    for await (const event of other) waiting.push(event);
    expect(waiting).toEqual([study('study-1', 'running', 49), study('study-2', 'running', 49)]);
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
