import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { LabelFileReport } from '#contract/labels.ts';
import { figuresOf, LabelFileStore } from './label-file.svelte.ts';
import * as notices from '../../state/notices.ts';
import { projectOf, TestStudio } from '../../state/testing.ts';

const report: LabelFileReport = {
  ...{
    rows: 5,
    unchanged: 1,
    labelled: 3,
    unlabelled: 0,
    moved: 0,
    excluded: 1,
    included: 0,
    hard: 0,
    noted: 0,
  },
  ...{ newClasses: ['ant'], faults: [], faulty: 0, unused: [], newTest: null },
};
const project = projectOf({ undo: 'Take over labels of 3 images' });

function bench(applyFile: (input: { uploadId: string; dryRun?: true }) => Promise<LabelFileReport>) {
  const studio = new TestStudio({
    labels: { applyFile },
    project: { current: () => Promise.resolve(project) },
  });
  return { studio, view: new LabelFileStore(studio, (file) => Promise.resolve(`id of ${file.name}`)) };
}
const file = (name: string) => new File([], name);

beforeEach(() => {
  vi.spyOn(notices, 'sayUndoable').mockImplementation(() => {});
  vi.spyOn(notices, 'report').mockImplementation(() => {});
  vi.unstubAllGlobals();
});

describe('labels from a file', () => {
  it('are shown before they count, and taken over as they were shown', async () => {
    const applyFile = vi.fn(() => Promise.resolve(report));
    const { view, studio } = bench(applyFile);
    await view.check(file('a.csv'));
    expect(view.view).toEqual({ kind: 'plan', name: 'a.csv', uploadId: 'id of a.csv', report });
    await view.apply();
    expect(applyFile.mock.calls).toEqual([
      [{ uploadId: 'id of a.csv', dryRun: true }],
      [{ uploadId: 'id of a.csv' }],
    ]);
    expect([view.view.kind, studio.project?.undo]).toEqual(['none', project.undo]);
    expect(vi.mocked(notices.sayUndoable).mock.calls[0]?.[1]).toBe('Labels of a.csv taken over.');
  });

  it('that change a used test part take a yes, once for the file', async () => {
    const applyFile = vi.fn(() => Promise.resolve({ ...report, newTest: { images: 46, runs: 2 } }));
    const { view } = bench(applyFile);
    await view.check(file('a.csv'));
    await view.apply();
    expect([view.locked, applyFile.mock.calls.length]).toEqual([true, 1]);
    view.accepted = true;
    await view.apply();
    expect(applyFile.mock.calls.at(-1)).toEqual([{ uploadId: 'id of a.csv', acceptNewTest: true }]);
    await view.check(file('b.csv'));
    expect([view.accepted, view.locked]).toEqual([false, true]);
  });

  it('that cannot be read say why, and nothing is taken over', async () => {
    const fault = new AtelierError('SOURCE_UNREADABLE', 'a.csv: Expected a table.');
    const { view } = bench(() => Promise.reject(fault));
    await view.check(file('a.csv'));
    expect(view.view).toEqual({ kind: 'failed', name: 'a.csv', fault });
    await view.apply();
    expect(notices.sayUndoable).not.toHaveBeenCalled();
  });

  it('of a file that was given up do not come back', async () => {
    let answer: (report: LabelFileReport) => void = () => {};
    const applyFile = vi.fn(() => new Promise<LabelFileReport>((resolve) => (answer = resolve)));
    const { view } = bench(applyFile);
    const reading = view.check(file('a.csv'));
    expect(view.view.kind).toBe('reading');
    await vi.waitFor(() => expect(applyFile).toHaveBeenCalled());
    view.reset();
    answer(report);
    await reading;
    expect(view.view.kind).toBe('none');
  });

  it('are told as figures that are not 0', () => {
    expect(figuresOf(report)).toEqual([
      { images: 3, words: 'images get a label or another one' },
      { images: 1, words: 'image is excluded' },
    ]);
  });
});

describe('labels to a file', () => {
  it('come as the studio wrote them', async () => {
    vi.stubGlobal('window', { localStorage: { getItem: () => null } });
    vi.stubGlobal(
      'fetch',
      vi.fn(() => Promise.resolve(new Response('path,label\r\n'))),
    );
    const { view } = bench(() => Promise.resolve(report));
    const table = await view.csv();
    expect([table?.type, await table?.text(), view.exporting]).toEqual(['text/csv', 'path,label\r\n', false]);
  });

  it('that could not be had are told of, by the studio’s own words', async () => {
    vi.stubGlobal('window', { localStorage: { getItem: () => null } });
    const answers = [
      () =>
        Promise.resolve(Response.json({ code: 'NO_PROJECT', message: 'none', details: {} }, { status: 404 })),
      () => Promise.reject(new TypeError('network')),
    ];
    for (const answer of answers) {
      vi.stubGlobal('fetch', vi.fn(answer));
      expect(await bench(() => Promise.resolve(report)).view.csv()).toBeUndefined();
    }
    expect(vi.mocked(notices.report).mock.calls.map(([{ code }]) => code)).toEqual([
      'NO_PROJECT',
      'BAD_REQUEST',
    ]);
  });
});
