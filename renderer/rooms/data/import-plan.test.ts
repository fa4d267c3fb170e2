import { describe, expect, it, vi } from 'vitest';
import { AtelierError } from '#contract/errors.ts';
import type { ImportOptions, ImportPlan } from '#contract/import.ts';
import type { Job } from '#contract/job.ts';
import { ImportPlanStore } from './import-plan.svelte.ts';
import { planRows, planTotals, unlabelledRow } from './import-plan-rows.ts';
import * as notices from '../../state/notices.ts';
import type { Projects } from '../../state/projects.svelte.ts';
import { jobOf, projectOf, settled, TestStudio } from '../../state/testing.ts';

const planFor = (options: ImportOptions, classes = ['a', 'b']): ImportPlan => ({
  location: '/set',
  layout: 'class',
  layouts: [{ name: 'class', label: 'A folder per class' }],
  asks: { classLevel: true },
  statement: 'Each folder is a class.',
  images: classes.length,
  classes: classes.map((name) => ({ name, counts: { pool: 1, train: 2, validation: 0, test: 4 } })),
  unlabelled: { pool: 0, train: 0, validation: 0, test: 0 },
  warnings: [],
  skipped: [],
  options,
});

/** A studio whose inspections end when the test says so. */
function view({ open = true, plan = planFor }: { open?: boolean; plan?: typeof planFor } = {}) {
  const asked: ImportOptions[] = [];
  const cancelled: string[] = [];
  const studio = new TestStudio(
    {
      sources: {
        inspect: async ({ options = {} }) => {
          asked.push(options);
          return jobOf(`job-${asked.length}`, { kind: 'inspect' });
        },
        plan: async ({ jobId }) => plan(asked[Number(jobId.slice(4)) - 1]!),
      },
      jobs: { cancel: async ({ jobId }) => (cancelled.push(jobId), {}) },
    },
    open ? projectOf() : null,
  );
  const projects = { import: vi.fn<Projects['import']>(), createFrom: vi.fn<Projects['createFrom']>() };
  const navigation = { go: vi.fn() };
  const trained: string[] = [];
  const plans = new ImportPlanStore({
    studio,
    projects,
    navigation,
    firstModel: { after: (jobId) => void trained.push(jobId) },
  });
  return {
    plans, asked, cancelled, projects, navigation, settle: settled,
    async end(id: string, job: Partial<Job> = {}) {
      await settled();
      studio.receive({ event: 'job.changed', job: jobOf(id, { kind: 'inspect', state: 'finished', ...job }) });
      await settled();
    },
  }; // prettier-ignore
}
const candidate = { source: { kind: 'path' as const, path: '/set' }, name: 'set' };

describe('a source that is about to be imported', () => {
  it('counts only once it is confirmed, with what was said', async () => {
    const { plans, asked, end, projects, navigation } = view();
    void plans.begin(candidate);
    expect([plans.looking, plans.ready]).toEqual([true, false]);
    await end('job-1');
    expect([plans.looking, plans.ready, plans.plan?.images]).toEqual([false, true, 2]);
    void plans.sayPart('extra', 'validation');
    await end('job-2');
    void plans.say({ classLevel: 2 });
    await end('job-3');
    expect(asked).toEqual([
      {},
      { parts: { extra: 'validation' } },
      { parts: { extra: 'validation' }, classLevel: 2 },
    ]);
    expect(projects.import).not.toHaveBeenCalled();
    await plans.confirm();
    expect(projects.import.mock.calls).toEqual([[candidate.source, asked[2]]]);
    expect(navigation.go).toHaveBeenCalledWith('data');
    expect([plans.candidate, plans.plan]).toEqual([null, null]);
  });

  it('makes a project where none is open', async () => {
    const { plans, end, projects } = view({ open: false });
    void plans.begin(candidate);
    await end('job-1');
    await plans.confirm();
    expect(projects.createFrom.mock.calls).toEqual([['set', candidate.source, {}]]);
  });

  it('shows the room before the import is under way: who goes on meanwhile stays there', async () => {
    const { plans, end, projects, navigation, settle } = view({ open: false });
    let accept = () => {};
    projects.createFrom.mockReturnValue(
      new Promise<undefined>((resolve) => (accept = () => resolve(undefined))),
    );
    void plans.begin(candidate);
    await end('job-1');
    const confirmed = plans.confirm();
    await settle();
    expect(navigation.go.mock.calls).toEqual([['data']]);
    accept();
    await confirmed;
    expect(navigation.go).toHaveBeenCalledOnce();
  });

  it('is let go without a trace, and stops being looked at', async () => {
    const { plans, end, cancelled, settle, projects } = view();
    void plans.begin(candidate);
    await settle();
    plans.reset();
    await end('job-1');
    expect([plans.candidate, plans.plan, cancelled]).toEqual([null, null, ['job-1']]);
    await plans.confirm();
    expect(projects.import).not.toHaveBeenCalled();
  });

  it('shows the answer to the last question only', async () => {
    const { plans, end, cancelled } = view();
    void plans.begin(candidate);
    await end('job-1');
    void plans.say({ classLevel: 1 });
    void plans.say({ classLevel: 3 });
    await end('job-3');
    expect(plans.plan?.options).toEqual({ classLevel: 3 });
    expect(cancelled).toEqual(['job-2']);
  });

  it('goes to be labelled where it gives images and no class', async () => {
    const unlabelled = { pool: 5, train: 0, validation: 0, test: 2 };
    const plan = (options: ImportOptions) => ({ ...planFor(options, []), images: 7, unlabelled });
    const { plans, end, projects, navigation } = view({ plan });
    void plans.begin(candidate);
    await end('job-1');
    expect(unlabelledRow(plans.plan!)).toEqual({
      name: 'Unlabelled',
      training: 0,
      validation: 0,
      test: 2,
      open: 5,
    });
    expect(planTotals(plans.plan!)).toEqual({ training: 0, validation: 0, test: 2, open: 5, pool: 0 });
    await plans.confirm();
    expect(projects.import).toHaveBeenCalledOnce();
    expect(navigation.go).toHaveBeenCalledWith('label');
  });

  it('cannot be confirmed where it gives no image', async () => {
    const { plans, end, projects } = view({ plan: (options) => planFor(options, []) });
    void plans.begin(candidate);
    await end('job-1');
    await plans.confirm();
    expect([plans.ready, projects.import.mock.calls]).toEqual([false, []]);
  });

  it('says what is wrong with it', async () => {
    const report = vi.spyOn(notices, 'report').mockImplementation(() => {});
    const { plans, end } = view();
    const failed = (code: 'SOURCE_UNREADABLE' | 'SOURCE_NOT_FOUND') => ({
      state: 'failed' as const,
      error: new AtelierError(code, 'Words.').toWire(),
    });
    void plans.begin(candidate);
    await end('job-1', failed('SOURCE_UNREADABLE'));
    expect(plans.fault).toMatchObject({ code: 'SOURCE_UNREADABLE' });
    void plans.begin(candidate);
    await end('job-2', failed('SOURCE_NOT_FOUND'));
    expect(plans.candidate).toBeNull();
    expect(report).toHaveBeenCalledWith(expect.objectContaining({ code: 'SOURCE_NOT_FOUND' }));
  });
});

it('shows what is fixed and what is drawn from as training data', () => {
  const plan = planFor({});
  expect(planRows(plan, 1)).toEqual([{ name: 'a', training: 3, validation: 0, test: 4, open: 0 }]);
  expect(planTotals(plan)).toEqual({ training: 6, validation: 0, test: 8, open: 0, pool: 2 });
});
