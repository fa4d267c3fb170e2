import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import { StudioState } from './studio-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-state-'));
process.env['ATELIER_STATE'] = join(folder, 'state.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('refuses work on a project that is being left, and tells of what is still written to it', async () => {
  const state = new StudioState({ desktop: false, version: '0' });
  await state.create(join(folder, 'p'), undefined);
  const project = state.project();
  let stopped = () => {};
  state.jobs.start(
    { kind: 'import', title: '', runId: null },
    'short',
    () => new Promise<void>((resolve) => (stopped = resolve)),
  );
  const closing = state.closeProject();
  await new Promise((resolve) => setImmediate(resolve));
  expect(() => state.project()).toThrow(/being closed/);
  await project.addClass('Hat');
  expect(state.changed([]).classes).toHaveLength(1);
  stopped();
  await closing;
  expect(() => state.project()).toThrow(/none is/);
  await state.close();
});

it('says that the engine is looked for until a worker has told, however long that takes, and why there is none', async () => {
  const asked: number[] = [];
  let answer: (message: unknown) => void = () => {};
  const state = new StudioState({
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
  expect(state.engineSoFar()).toBeNull();
  const waited = state.engine();
  // As long as nobody answers, nobody is told that there is none.
  expect(await Promise.race([waited, new Promise((later) => setImmediate(later, 'waits'))])).toBe('waits');
  expect([state.engineSoFar(), asked.length]).toEqual([null, 1]);

  const error = { code: 'ENGINE_NOT_FOUND', message: 'Nothing found.', details: {} };
  answer({ type: 'error', id: asked[0], error });
  expect(await waited).toEqual({ engine: null, error });
  expect(state.engineSoFar()).toEqual({ engine: null, error });

  // Asked again: by now it may be there.
  const again = state.engine();
  const engine = { kind: 'tensorflow', version: '2' };
  answer({ type: 'result', id: asked.at(-1), result: engine });
  expect(await again).toEqual({ engine, error: null });
  expect(await state.engine()).toEqual({ engine, error: null });
  expect(asked).toHaveLength(2);
  await state.close();
});

describe('a project in which something trains', () => {
  const kinds: [Job['kind'], string, string][] = [
    ['train', 'Train Quick 1', 'Quick 1'],
    ['study', 'Search', 'Search'],
  ];
  it.each(kinds)('is not left by mistake: %s', async (kind, title, name) => {
    const state = new StudioState({ desktop: false, version: '0' });
    const [here, there] = [join(folder, `here-${kind}.atelier`), join(folder, `there-${kind}.atelier`)];
    await state.create(there, undefined);
    await state.create(here, undefined);
    const job = state.jobs.start(
      { kind, title, runId: null },
      'training',
      ({ signal }) =>
        new Promise<void>((_, reject) =>
          signal.addEventListener('abort', () => reject(new AtelierError('CANCELLED', 'Cancelled.'))),
        ),
    );
    const jobState = () => state.jobs.list().find(({ id }) => id === job.id)?.state;
    for (const leave of [
      () => state.open(there),
      () => state.create(join(folder, `new-${kind}`), undefined),
      () => state.closeProject(),
    ]) {
      await expect(leave()).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining(`“${name}” is still training`) as string,
        details: { training: [name] },
      });
      expect([state.current()?.path, jobState()]).toEqual([here, 'running']);
    }
    expect(existsSync(join(folder, `new-${kind}.atelier`))).toBe(false);
    // The project that is open is no other one.
    expect((await state.open(here)).path).toBe(here);
    expect(jobState()).toBe('running');

    expect((await state.open(there, true)).path).toBe(there);
    expect(jobState()).toBe('cancelled');
    await state.closeProject();
    await state.close();
  });

  it('is left where only what leaves nothing behind is under way', async () => {
    const state = new StudioState({ desktop: false, version: '0' });
    await state.create(join(folder, 'tries'), undefined);
    state.jobs.start(
      { kind: 'find-learning-rate', title: 'Find', runId: null },
      'training',
      ({ signal }) =>
        new Promise<void>((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('stopped'))),
        ),
    );
    await state.closeProject();
    expect(state.current()).toBeNull();
    await state.close();
  });
});
