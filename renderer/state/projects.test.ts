import { describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { ImportReport } from '#contract/import.ts';
import type { Job } from '#contract/job.ts';
import * as notices from './notices.ts';
import { jobOf, projectOf, settled, TestStudio } from './testing.ts';
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
    const leave = (input: { whileTraining?: unknown } = {}) => {
      asked.push(input);
      if (!input.whileTraining) throw conflict;
      return projectOf();
    };
    const studio = new TestStudio({
      project: { open: async (input) => leave(input), close: async (input) => (leave(input), {}) },
      studio: { recent: async () => [] },
    });
    return { asked, studio };
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
  const report = (imported: number, alreadyThere: number, skippedFiles = 0): ImportReport => ({
    source: { id: 1, originals: true, location: '/a', importedAt: '', items: imported, skippedFiles },
    ...{ imported, alreadyThere, changed: 0, moved: 0, warnings: [], seconds: 1 },
    skippedFiles: Array.from({ length: skippedFiles }, () => ({ path: 'a', reason: 'b' })),
    notices: Array.from({ length: skippedFiles }, () => ({ reason: 'c', count: 1, examples: ['a'] })),
  });

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
    const projects = new Projects(
      new TestStudio({ sources: { report: ({ jobId }) => Promise.resolve(reports[jobId]!) } }),
    );
    const tell = (id: string, state: Job['state'], kind: Job['kind'] = 'import') =>
      projects.receive({ event: 'job.changed', job: jobOf(id, { kind, state }) });
    tell('one', 'running');
    tell('one', 'finished', 'train');
    tell('one', 'finished');
    tell('one', 'finished');
    tell('two', 'finished');
    await settled();
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
    const studio = new TestStudio({
      project: {
        create: async () => (calls.push('create'), projectOf()),
        discard: async () => (calls.push('discard'), {}),
      },
      sources: {
        import: () => (how === 'refused' ? Promise.reject(new Error('no')) : Promise.resolve(jobOf('job-1'))),
      },
    });
    const projects = new Projects(studio);
    await projects.createFrom('cats', { kind: 'path', path: '/cats' });
    const tell = (id: string, state: Job['state']) =>
      projects.receive({ event: 'job.changed', job: jobOf(id, { state }) });
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
