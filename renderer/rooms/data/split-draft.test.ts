/** Drawing the parts anew in the window: what is asked of the studio, the yes that it takes, and what a preview is worth after a change. */
import { describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import { GroupBy, SplitDraw, type SplitReport, type SplitState } from '#contract/splits.ts';
import { Splits } from '../../state/splits.svelte.ts';
import { type Answers, byHand, jobOf, projectOf, settled, TestStudio } from '../../state/testing.ts';
import { SplitDraft } from './split-draft.svelte.ts';

vi.mock('svelte-sonner', () => ({ toast: Object.assign(vi.fn(), { error: vi.fn() }) }));

const leak = { images: 10, leaked: 0 };
const report: SplitReport = {
  ...{ groups: null, moved: 3, classes: [], unbalanced: [] },
  ...{ leaks: { validation: leak, test: leak }, randomLeaks: { validation: leak, test: leak } },
  separated: { count: 0, pairs: [] },
};
const stateOf = (runs = 0, by?: GroupBy): SplitState => ({
  groups: by
    ? {
        by,
        at: '2026',
        seenBy: 'pictures',
        groups: 1,
        images: 2,
        pairs: 1,
        later: 0,
        unmatched: 0,
        largest: [],
      }
    : null,
  leaks: null,
  test: {
    version: 'abc',
    images: 10,
    runs,
    comparisons: 0,
    repairs: 0,
    earlier: null,
    sealed: false,
    evaluated: [],
  },
});
const project = projectOf({ validationShare: 0.2, testShare: 0.15, splitSeed: 4 });

async function made(state: SplitState = stateOf(), more: Answers['splits'] = {}) {
  const asked: SplitDraw[] = [];
  const answers: Answers = {
    project: { current: () => Promise.resolve(project) },
    splits: {
      get: () => Promise.resolve(state),
      draw: (draw) => {
        asked.push(SplitDraw.parse(draw));
        return Promise.resolve(jobOf(`job-${asked.length}`, { kind: 'split' }));
      },
      report: () => Promise.resolve(report),
      ...more,
    },
  };
  const studio = new TestStudio(answers, project);
  const splits = new Splits(studio);
  await splits.read();
  const draft = new SplitDraft(studio, splits, (file) => Promise.resolve(`upload of ${file.name}`));
  const end = (id: string, changed = {}) =>
    studio.receive({
      event: 'job.changed',
      job: jobOf(id, { kind: 'split', state: 'finished', ...changed }),
    });
  return { studio, splits, draft, asked, end };
}

describe('a draw', () => {
  it('is as the project has it where nothing was changed, and keeps look-alikes together', async () => {
    const { draft, asked, end } = await made();
    const done = draft.redraw();
    await settled();
    end('job-1');
    expect(await done).toBe(true);
    expect(asked).toEqual([
      { validationShare: 0.2, seed: 4, fixed: false, groupBy: { lookAlikes: true, key: { kind: 'none' } } },
    ]);
  });

  it('goes by the groups that are known, by what is asked for, or by none', async () => {
    const by = GroupBy.parse({ key: { kind: 'folder' } });
    const { draft, asked } = await made(stateOf(0, by));
    void draft.preview();
    await settled();
    draft.key = { kind: 'column', column: 'patient' };
    expect(draft.problem).toMatch(/Choose the table/);
    await draft.choose(new File(['x'], 'table.csv'));
    expect(draft.problem).toBeNull();
    void draft.preview();
    await settled();
    draft.key = { kind: 'pattern', pattern: '' };
    expect(draft.problem).toBe('Write a pattern.');
    draft.key = { kind: 'none' };
    draft.lookAlikes = false;
    void draft.preview();
    await settled();
    expect(asked.map(({ groupBy, table, dryRun }) => [groupBy, table, dryRun])).toEqual([
      [by, undefined, true],
      [
        { lookAlikes: true, key: { kind: 'column', column: 'patient' } },
        { kind: 'upload', uploadId: 'upload of table.csv' },
        true,
      ],
      [null, undefined, true],
    ]);
  });

  it('is shown before it counts, and what was shown is gone with the next change', async () => {
    const { draft, end } = await made();
    const shown = draft.preview();
    await settled();
    expect(draft.job).toBeUndefined();
    end('job-1');
    await shown;
    expect(draft.report).toEqual(report);
    draft.ask({ seed: 9 });
    expect(draft.report).toBeNull();
  });

  it('of a test part that was looked at takes a yes; a fresh one has another seed', async () => {
    const { draft, asked, splits } = await made(stateOf(2));
    expect(draft.locked).toBe(false);
    draft.askFresh(project);
    expect([draft.locked, draft.redrawTest, draft.fresh]).toEqual([true, true, true]);
    draft.accepted = true;
    void draft.redraw();
    await settled();
    expect(asked[0]).toMatchObject({ testShare: 0.15, seed: 5, fresh: true, acceptNewTest: true });
    draft.with({ redrawTest: false });
    expect([draft.locked, draft.fresh, draft.accepted]).toEqual([false, false, false]);
    splits.receive({ event: 'splits.changed', splits: stateOf(0) });
    draft.with({ redrawTest: true });
    expect(draft.locked).toBe(false);
  });

  it('that fails says why and stays open; one that was left says nothing', async () => {
    const { draft, end } = await made();
    const done = draft.redraw();
    await settled();
    end('job-1', { state: 'failed', error: new AtelierError('CONFLICT', 'All stay.').toWire() });
    expect(await done).toBe(false);
    expect(draft.fault).toMatchObject({ code: 'CONFLICT', message: 'All stay.' });
    const left = draft.preview();
    await settled();
    draft.reset();
    end('job-2');
    await left;
    expect([draft.report, draft.fault, draft.jobId]).toEqual([null, null, null]);
  });
});

it('is read again after what came meanwhile', async () => {
  const { ask, answers } = byHand<[], SplitState>();
  const studio = new TestStudio({ splits: { get: ask } }, project);
  const splits = new Splits(studio);
  const first = splits.read();
  await settled();
  void splits.read();
  answers[0]!.give(stateOf(1));
  await settled();
  answers[1]!.give(stateOf(2));
  await first;
  expect(splits.state?.test.runs).toBe(2);
  splits.reset();
  expect(splits.state).toBeNull();
});
