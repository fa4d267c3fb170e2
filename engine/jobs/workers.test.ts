import { expect, it } from 'vitest';
import { Worker, type WorkerHandle } from './workers.ts';

type Exit = Parameters<Parameters<WorkerHandle['onExit']>[0]>[0];

/** What a task is told when its process ends so. */
async function deathBy(exit: Partial<Exit>): Promise<Error> {
  let end!: (exit: Exit) => void;
  const worker = new Worker(
    () => ({
      pid: undefined,
      send: () => end({ code: null, signal: null, stderr: '', ...exit }),
      onMessage: () => undefined,
      onExit: (listener) => void (end = listener),
      kill: () => undefined,
    }),
    'training',
    'try again',
  );
  return worker.run('doctor', {}).then(
    () => expect.fail('The task ended well.'),
    (error: Error) => error,
  );
}

it('suspects memory only where a process was killed or gave up', async () => {
  for (const exit of [{ signal: 'SIGKILL' }, { signal: 'SIGABRT' }, { code: 137 }, { code: 134 }])
    expect((await deathBy(exit)).message).toContain('Memory');
  for (const exit of [{ code: 1 }, { signal: 'SIGSEGV' }])
    expect((await deathBy(exit)).message).not.toContain('Memory');
  expect((await deathBy({ code: 7 })).message).toContain('exit code 7');
});
