import { AsyncIteratorClass } from '@orpc/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { StudioEvent } from '#contract/events.ts';
import type { Project } from '#contract/project.ts';
import type { Connection } from '../connection.ts';
import { type About, Studio } from './studio.svelte.ts';
import { clientOf, jobOf, projectOf, TestStudio } from './testing.ts';

const project = (id: string): Project => projectOf({ id, name: id });

const about: About = {
  ...{ version: '1', engine: null, engineState: 'looking', desktop: false },
  ...{ projectsFolder: '/', allowedFolders: null },
};

/** The far end of a connection, played by hand. */
class FarEnd {
  project: Project | null = project('a');
  #wake: (() => void)[] = [];
  #events: StudioEvent[] = [];
  drop!: () => void;
  say(event: StudioEvent): void {
    this.#events.push(event);
    this.#wake.splice(0).forEach((wake) => wake());
  }
  connect(): Connection {
    const lost = new Promise<void>((resolve) => (this.drop = resolve));
    const events = new AsyncIteratorClass<StudioEvent, unknown, void>(
      async () => {
        while (this.#events.length === 0) await new Promise<void>((wake) => this.#wake.push(wake));
        return { done: false, value: this.#events.shift()! };
      },
      async () => {},
    );
    const client = clientOf({
      studio: {
        events: async () => events,
        about: async () => about,
        recent: () => new Promise(() => {}),
      },
      project: { current: async () => this.project },
      jobs: { list: async () => [] },
    });
    return { client, lost, close: () => {} };
  }
}

let far: FarEnd;
let studio: Studio;
beforeEach(() => {
  vi.useFakeTimers();
  far = new FarEnd();
});
afterEach(() => {
  studio.stop();
  vi.useRealTimers();
});
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('the connection', () => {
  it('comes back after growing waits, and rejects what waited for an answer', async () => {
    let tries = 0;
    studio = new Studio(async () => {
      tries += 1;
      if (tries > 1 && tries < 4) throw new AtelierError('CONNECTION_LOST', 'not yet');
      return far.connect();
    });
    void studio.run();
    await settle();
    expect(studio.status).toBe('open');

    const waiting = studio.call((client) => client.studio.recent());
    const told = expect(waiting).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    far.drop();
    await settle();
    await told;
    expect(studio.status).toBe('lost');
    await expect(studio.call(async () => 1)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });

    await vi.advanceTimersByTimeAsync(500 + 500 + 1000);
    expect(tries).toBe(4);
    expect(studio.status).toBe('open');
  });

  it('reads anew after a loss without forgetting where the person was', async () => {
    studio = new Studio(async () => far.connect());
    const [read, forget] = [vi.fn(async () => {}), vi.fn()];
    studio.tell({ read, reset: forget });
    void studio.run();
    await settle();
    expect([read.mock.calls.length, forget.mock.calls.length]).toEqual([1, 1]);
    far.drop();
    await vi.advanceTimersByTimeAsync(1000);
    expect([read.mock.calls.length, forget.mock.calls.length]).toEqual([2, 1]);
  });
});

describe('another project', () => {
  it('is forgotten at once and read once, whether told by an answer or by the event', async () => {
    studio = new Studio(async () => far.connect());
    const order: string[] = [];
    studio.tell({
      reset: () => void order.push(`forget for ${studio.project?.id}`),
      read: async () => void order.push(`read ${studio.project?.id}`),
    });
    void studio.run();
    await settle();
    studio.take(project('b'));
    far.say({ event: 'project.changed', project: project('b') });
    await settle();
    expect(order).toEqual(['forget for a', 'read a', 'forget for b', 'read b']);
  });
});

describe('counts', () => {
  it('change what a label changed, by the answer or by the event, and nothing of another project', () => {
    studio = new Studio(async () => far.connect());
    const counts = (train: number) => ({ train, validation: 0, test: 0, total: train });
    const classes = [1, 2, 3].map((id) => ({
      id,
      name: `c${id}`,
      key: null,
      colour: '#4477aa',
      counts: counts(4),
    }));
    studio.take({ ...project('a'), classes });
    const untouched = studio.classes[2];
    const change = {
      projectId: 'a',
      classes: [
        { id: 1, counts: counts(3) },
        { id: 2, counts: counts(5) },
      ],
      counts: { ...counts(12), relabelled: 1, unlabelled: 0, excluded: 0, fixed: 0 },
      undo: 'Label 1 image',
      redo: null,
    };
    studio.receive({ event: 'counts.changed', change });
    expect(studio.classes.map((one) => one.counts.train)).toEqual([3, 5, 4]);
    expect(studio.classes[2]).toBe(untouched);
    expect(studio.project).toMatchObject({ undo: 'Label 1 image', counts: { relabelled: 1 } });
    studio.receive({ event: 'counts.changed', change: { ...change, projectId: 'b', classes: [] } });
    studio.receive({ event: 'counts.changed', change });
    expect(studio.classes.map((one) => one.counts.train)).toEqual([3, 5, 4]);
  });
});

describe('what is unsaved', () => {
  it('is counted until the answer, also when it fails, and the failure is told', async () => {
    studio = new Studio(async () => far.connect());
    const told = vi.fn();
    studio.onFault(told);
    void studio.run();
    await settle();
    let answer!: (value: Project) => void;
    const saved = studio.change(3, () => new Promise((resolve) => (answer = resolve)));
    expect(studio.unsaved).toBe(3);
    answer(project('a'));
    expect(await saved).toBe(true);
    const failed = await studio.change(2, () => Promise.reject(new AtelierError('DISK_FULL', 'full')));
    expect([failed, studio.unsaved, told.mock.calls.length]).toEqual([false, 0, 1]);
  });
});

it('knows of a job that it was asked to stop until that has ended, and of none where asking failed', async () => {
  const cancel = vi.fn(async ({ jobId }: { jobId: string }) => {
    if (jobId === 'job-2') throw new AtelierError('NOT_FOUND', 'Gone.');
    return {};
  });
  studio = new TestStudio({ jobs: { cancel } });
  const [heard, unheard] = [jobOf('job-1'), jobOf('job-2')];
  await studio.cancel(heard);
  await studio.cancel(unheard);
  expect(cancel).toHaveBeenCalledTimes(2);
  expect([studio.isCancelling(heard), studio.isCancelling(unheard)]).toEqual([true, false]);
  expect(studio.isCancelling({ ...heard, state: 'cancelled' })).toBe(false);
});
