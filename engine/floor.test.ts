import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import { Floor } from './floor.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-floor-'));
process.env['ATELIER_STATE'] = join(folder, 'state.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('refuses work on a project that is being left, and tells of what is still written to it', async () => {
  const floor = new Floor({ desktop: false, version: '0' });
  await floor.create(join(folder, 'p'), undefined);
  const project = floor.project();
  let stopped = () => {};
  floor.jobs.start(
    { kind: 'import', title: '', runId: null },
    'short',
    () => new Promise<void>((resolve) => (stopped = resolve)),
  );
  const closing = floor.closeProject();
  await new Promise((resolve) => setImmediate(resolve));
  expect(() => floor.project()).toThrow(/being closed/);
  await project.addClass('Hat');
  expect(floor.changed([]).classes).toHaveLength(1);
  stopped();
  await closing;
  expect(() => floor.project()).toThrow(/none is/);
  await floor.close();
});

it('says that the engine is looked for until a worker has told, however long that takes, and why there is none', async () => {
  const asked: number[] = [];
  let answer: (message: unknown) => void = () => {};
  const floor = new Floor({
    desktop: false,
    version: '0',
    spawner: () => ({
      pid: undefined,
      send: (message) => void (message.type === 'run' && asked.push(message.id)),
      onMessage: (listener) => void (answer = listener as typeof answer),
      onExit: () => undefined,
      kill: () => undefined,
    }),
  });
  expect(floor.engineSoFar()).toBeNull();
  const waited = floor.engine();
  // As long as nobody answers, nobody is told that there is none.
  expect(await Promise.race([waited, new Promise((later) => setImmediate(later, 'waits'))])).toBe('waits');
  expect([floor.engineSoFar(), asked.length]).toEqual([null, 1]);

  const error = { code: 'ENGINE_NOT_FOUND', message: 'Nothing found.', details: {} };
  answer({ type: 'error', id: asked[0], error });
  expect(await waited).toEqual({ engine: null, error });
  expect(floor.engineSoFar()).toEqual({ engine: null, error });

  // Asked again: by now it may be there.
  const again = floor.engine();
  const engine = { kind: 'tensorflow', version: '2' };
  answer({ type: 'result', id: asked.at(-1), result: engine });
  expect(await again).toEqual({ engine, error: null });
  expect(await floor.engine()).toEqual({ engine, error: null });
  expect(asked).toHaveLength(2);
  await floor.close();
});

describe('a project in which something trains', () => {
  const kinds: [Job['kind'], string, string][] = [
    ['train', 'Train Quick 1', 'Quick 1'],
    ['study', 'Search', 'Search'],
  ];
  it.each(kinds)('is not left by mistake: %s', async (kind, title, name) => {
    const floor = new Floor({ desktop: false, version: '0' });
    const [here, there] = [join(folder, `here-${kind}.atelier`), join(folder, `there-${kind}.atelier`)];
    await floor.create(there, undefined);
    await floor.create(here, undefined);
    const job = floor.jobs.start(
      { kind, title, runId: null },
      'training',
      ({ signal }) =>
        new Promise<void>((_, reject) =>
          signal.addEventListener('abort', () => reject(new AtelierError('CANCELLED', 'Cancelled.'))),
        ),
    );
    const state = () => floor.jobs.list().find(({ id }) => id === job.id)?.state;
    for (const leave of [
      () => floor.open(there),
      () => floor.create(join(folder, `new-${kind}`), undefined),
      () => floor.closeProject(),
    ]) {
      await expect(leave()).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining(`“${name}” is still training`) as string,
        details: { training: [name] },
      });
      expect([floor.current()?.path, state()]).toEqual([here, 'running']);
    }
    expect(existsSync(join(folder, `new-${kind}.atelier`))).toBe(false);
    // The project that is open is no other one.
    expect((await floor.open(here)).path).toBe(here);
    expect(state()).toBe('running');

    expect((await floor.open(there, true)).path).toBe(there);
    expect(state()).toBe('cancelled');
    await floor.closeProject();
    await floor.close();
  });

  it('is left where only what leaves nothing behind is under way', async () => {
    const floor = new Floor({ desktop: false, version: '0' });
    await floor.create(join(folder, 'tries'), undefined);
    floor.jobs.start(
      { kind: 'find-learning-rate', title: 'Find', runId: null },
      'training',
      ({ signal }) =>
        new Promise<void>((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('stopped'))),
        ),
    );
    await floor.closeProject();
    expect(floor.current()).toBeNull();
    await floor.close();
  });
});
