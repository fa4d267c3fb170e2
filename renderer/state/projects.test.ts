import { describe, expect, it, vi } from 'vitest';
import type { ImportReport, Job } from '#contract/entities.ts';
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

describe('the end of an import', () => {
  const report = (imported: number, alreadyThere: number, setAside = 0) =>
    ({ imported, alreadyThere, setAside: Array(setAside).fill({ path: 'a', reason: 'b' }) }) as ImportReport;

  it('is told with what was there already', () => {
    expect(importWords(report(30, 1200, 2))).toBe(
      '30 images imported; 1,200 were already there; 2 files set aside.',
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
