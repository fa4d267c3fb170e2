import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Floor } from './floor.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-floor-'));
process.env['ATELIER_STATE'] = join(folder, 'state.json');
afterEach(() => rmSync(folder, { recursive: true, force: true }));

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
