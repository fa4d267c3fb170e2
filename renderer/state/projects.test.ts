import { describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { ImportReport } from '#contract/import.ts';
import type { Job } from '#contract/job.ts';
import * as notices from './notices.ts';
import type { Studio } from './studio.svelte.ts';
import { importWords, lastName, Projects, projectPath } from './projects.svelte.ts';

describe('where projects go', () => {
  it.each([
    ['/home/me/Atelier', 'Fashion-MNIST', '/home/me/Atelier/Fashion-MNIST.atelier'],
    ['/home/me/Atelier/', 'Äpfel und Birnen', '/home/me/Atelier/Äpfel und Birnen.atelier'],
    ['C:\\Users\\me\\Atelier', 'cats', 'C:\\Users\\me\\Atelier\\cats.atelier'],
    ['/p', '../../etc/passwd', '/p/etcpasswd.atelier'],
    ['/p', ' a:b?*\u0000.', '/p/ab.atelier'],
    ['/p', '...', '/p/Project.atelier'],
  ])('in %s, %s is %s', (folder, name, path) => expect(projectPath(folder, name)).toBe(path));

  it('names a source by its last part', () => {
    expect([lastName('/a/b/cats/'), lastName('C:\\x\\dogs'), lastName('plain')]).toEqual([
      'cats',
      'dogs',
      'plain',
    ]);
  });
});

describe('leaving a project', () => {
  const conflict = new AtelierError('CONFLICT', 'Still training.', { training: ['Quick 1'] });
  /** A studio that leaves its project only when told that trainings may be cancelled. */
  const busyStudio = () => {
    const asked: unknown[] = [];
    const leave = async (input: { whileTraining?: true }) => {
      asked.push(input);
      if (!input.whileTraining) throw conflict;
    };
    const client = { project: { open: leave, close: leave }, studio: { recent: async () => [] } };
    const call = (use: (of: typeof client) => Promise<unknown>) => use(client);
    return { asked, studio: { call, attempt: call } as unknown as Studio };
  };

  it.each([
    ['open', (projects: Projects) => projects.open('/p')],
    ['close', (projects: Projects) => projects.close()],
  ])('asks before %s cancels what trains, and leaves it where the person says so', async (_name, leave) => {
    const { asked, studio } = busyStudio();
    const projects = new Projects(studio);
    const kept = leave(projects);
    await vi.waitUntil(() => projects.leaving !== null);
    expect(projects.leaving?.training).toEqual(['Quick 1']);
    projects.leaving!.answer(false);
    await kept;
    expect([asked.length, projects.leaving, projects.busy]).toEqual([1, null, null]);

    const left = leave(projects);
    await vi.waitUntil(() => projects.leaving !== null);
    projects.leaving!.answer(true);
    await left;
    expect(asked[2]).toMatchObject({ whileTraining: true });
    expect(projects.leaving).toBeNull();
  });
});

describe('the end of an import', () => {
  const report = (imported: number, alreadyThere: number, setAside = 0) =>
    ({
      imported,
      alreadyThere,
      setAside: Array(setAside).fill({ path: 'a', reason: 'b' }),
      notices: Array(setAside).fill({ reason: 'c', count: 1, examples: ['a'] }),
    }) as unknown as ImportReport;

  it('is told with what was there already', () => {
    expect(importWords(report(30, 1200, 2))).toBe(
      '30 images imported; 1,200 were already there; 2 files skipped; notes in the import report.',
    );
    expect(importWords(report(1, 1))).toBe('1 image imported; 1 was already there.');
    expect(importWords(report(5, 0))).toBe('5 images imported.');
  });

  it('is told once, and only where something was left as it is', async () => {
    const say = vi.spyOn(notices, 'say').mockImplementation(() => {});
    const reports: Record<string, ImportReport> = { one: report(30, 120), two: report(30, 0) };
    const projects = new Projects({
      attempt: (use: (client: unknown) => Promise<unknown>) =>
        use({ sources: { report: ({ jobId }: { jobId: string }) => Promise.resolve(reports[jobId]) } }),
    } as unknown as Studio);
    const tell = (id: string, state: Job['state'], kind: Job['kind'] = 'import') =>
      projects.receive({ event: 'job.changed', job: { id, kind, state } as Job });
    tell('one', 'running');
    tell('one', 'finished', 'train');
    tell('one', 'finished');
    tell('one', 'finished');
    tell('two', 'finished');
    await new Promise((wake) => setTimeout(wake, 0));
    expect(say.mock.calls).toEqual([['30 images imported; 120 were already there.']]);
  });
});

describe('a project made for a source', () => {
  it.each([
    ['at once', 'refused'],
    ['later', 'failed'],
    ['when it is stopped', 'cancelled'],
  ] as const)('goes again where nothing comes of the first import, %s', async (_, how) => {
    vi.spyOn(notices, 'report').mockImplementation(() => {});
    const calls: string[] = [];
    const client = {
      project: {
        create: () => Promise.resolve(calls.push('create')),
        discard: () => Promise.resolve(calls.push('discard')),
      },
      sources: {
        import: () =>
          how === 'refused' ? Promise.reject(new Error('no')) : Promise.resolve({ id: 'job-1' }),
      },
    };
    const projects = new Projects({
      call: (use: (given: unknown) => Promise<unknown>) => use(client),
    } as unknown as Studio);
    await projects.createFrom('cats', { kind: 'path', path: '/cats' });
    const tell = (id: string, state: Job['state']) =>
      projects.receive({ event: 'job.changed', job: { id, kind: 'import', state } as Job });
    if (how !== 'refused') {
      tell('job-2', how);
      expect(calls).toEqual(['create']);
      tell('job-1', how);
      tell('job-1', how);
    }
    await Promise.resolve();
    expect(calls).toEqual(['create', 'discard']);
  });
});
