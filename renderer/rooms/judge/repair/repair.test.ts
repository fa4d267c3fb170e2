/** The store of the repair screen, with a studio whose answers the test gives: lists, what is begun and ended, and what is asked of the studio. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { ItemFilter } from '#contract/project.ts';
import type { RepairSession } from '#contract/repair.ts';
import { ImageBrowser } from '../../../state/browser.svelte.ts';
import { Evaluations } from '../../../state/evaluations.svelte.ts';
import { LabelStore } from '../../../state/labels.svelte.ts';
import { Predictions } from '../../../state/predictions.svelte.ts';
import { Runs } from '../../../state/runs.svelte.ts';
import {
  type Answers,
  changeOf,
  itemOf,
  projectOf,
  runOf,
  settled,
  TestStudio,
} from '../../../state/testing.ts';
import { JudgeView } from '../judge-view.svelte.ts';
import { RepairStore } from './repair.svelte.ts';

const none = { steps: 0, relabelled: 0, excluded: 0, hard: 0, others: 0 };
const run = runOf('run-1', { state: 'finished', bestEpoch: 1 });

function made({ readOnly = null as null | ReturnType<typeof projectOf>['readOnly'] } = {}) {
  const asked: [string, unknown][] = [];
  const listed: ItemFilter[] = [];
  const state = { session: null as RepairSession | null };
  const project = projectOf({ readOnly });
  const ask = <T>(name: string, answer: (input: never) => T) =>
    vi.fn((input: unknown) => {
      asked.push([name, input]);
      return Promise.resolve(answer(input as never));
    });
  const answers = {
    items: {
      list: ({ filter }: { filter: ItemFilter }) => {
        listed.push(filter);
        return Promise.resolve({ total: 3, items: [1, 2, 3].map((id) => itemOf(id)) });
      },
      exclude: ask('exclude', () => project),
    },
    suggestions: { accept: ask('accept', () => changeOf(project)) },
    findings: {
      get: () => Promise.resolve({ kinds: [] }),
      entries: () =>
        Promise.resolve([
          {
            ...{ measured: 'label', itemIds: [1], given: 1, suggested: 2 },
            ...{ givenProbability: 0.1, suggestedProbability: 0.8 },
          },
        ]),
    },
    repair: {
      get: () => Promise.resolve(state.session),
      labels: () => Promise.resolve(null),
      compare: ask('compare', () => null),
      begin: ask('begin', ({ runId }: { runId: string }) => {
        state.session = { runId, startedAt: '2026', retrainedId: null, changes: none };
        return state.session;
      }),
      end: ask('end', () => ((state.session = null), {})),
      undoAll: ask('undoAll', () => ((state.session = null), project)),
      retrain: ask('retrain', () => {
        state.session = { ...state.session!, retrainedId: 'run-2' };
        return runOf('run-2');
      }),
    },
    evaluations: { get: () => Promise.resolve(null), start: ask('evaluate', () => ({})) },
  } as unknown as Answers;
  const studio = new TestStudio(answers, project);
  const browser = new ImageBrowser(studio, 'test');
  const runs = new Runs(studio);
  runs.receive({ event: 'run.changed', run });
  const evaluations = new Evaluations(studio);
  const view = new JudgeView({ studio, runs, evaluations, browser });
  const labels = new LabelStore(studio);
  const parts = { studio, runs, evaluations, predictions: new Predictions(studio), labels, view, browser };
  return { store: new RepairStore(parts), asked, listed, state, runs, view, browser };
}
beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} });
});
const names = (asked: [string, unknown][]) => asked.map(([name]) => name);

it('shows the top losses first, begins when it is entered, and ends where nothing was changed', async () => {
  const { store, asked, listed } = made();
  await store.enter();
  expect(listed.at(-1)).toEqual({ byLoss: { runId: 'run-1', split: 'test' } });
  expect(asked).toEqual([['begin', { runId: 'run-1' }]]);
  expect(store.by).toBe('test');
  store.leave();
  await settled();
  expect(names(asked)).toEqual(['begin', 'end']);
});

it('goes on with a repair that is under way, and does not end it', async () => {
  const { store, asked, state } = made();
  state.session = { runId: 'run-1', startedAt: '2026', retrainedId: null, changes: { ...none, steps: 2 } };
  await store.enter();
  store.leave();
  await settled();
  expect(asked).toEqual([]);
});

it('asks nothing to be written of a project that is open to look', async () => {
  const { store, asked } = made({ readOnly: { code: 'PROJECT_READ_ONLY', message: 'No.', details: {} } });
  await store.enter();
  store.leave();
  await settled();
  expect(asked).toEqual([]);
});

it('lists suspects of training and validation images unless asked, and says so where test images are among them', async () => {
  const { store, listed, browser } = made();
  await store.enter();
  store.show('suspects');
  await settled();
  expect(listed.at(-1)).toEqual({
    ...{ finding: 'label-errors', hard: false, splits: ['train', 'validation'] },
  });
  expect([store.by, store.suspects.looked]).toEqual(['suspects', true]);
  expect(store.factsOf(browser.items.at(0)!)).toMatchObject({ said: 2, ofLabel: 0.1, ofSaid: 0.8 });
  store.showPart('all');
  expect(browser.filter).toEqual({ finding: 'label-errors', hard: false });
  expect(store.by).toBe('test');
  store.show('hard');
  expect(browser.filter).toEqual({ hard: true, splits: ['test'] });
});

it('relabels to what was suggested and excludes, each going on to the next image', async () => {
  const { store, asked, browser } = made();
  await store.enter();
  store.show('suspects');
  await settled();
  await store.accept();
  expect(asked.at(-1)).toEqual(['accept', { suggestions: [{ itemId: 1, classId: 2 }] }]);
  expect(browser.selection.cursor).toBe(1);
  await store.exclude();
  expect(asked.at(-1)).toEqual(['exclude', { itemIds: [2], reason: 'Doubtful label' }]);
  expect(browser.selection.cursor).toBe(2);
});

it('trains again while the run before stays in sight, and has both evaluated where they are not', async () => {
  const { store, asked, runs } = made();
  await store.enter();
  await store.retrain();
  runs.receive({ event: 'run.changed', run: runOf('run-2') });
  expect(store.training?.id).toBe('run-2');
  expect(runs.current?.id).toBe('run-1');
  const finished = runOf('run-2', { state: 'finished', bestEpoch: 1 });
  runs.receive({ event: 'run.changed', run: finished });
  store.receive({ event: 'run.changed', run: finished });
  await vi.waitFor(() => expect(asked.filter(([name]) => name === 'evaluate')).toHaveLength(2));
  expect(runs.current?.id).toBe('run-1');
  expect(asked.find(([name]) => name === 'compare')).toEqual([
    'compare',
    { baselineId: 'run-1', runId: 'run-2', split: 'test' },
  ]);
  // One that failed or was cancelled is not asked for again.
  await store.refresh();
  await settled();
  expect(asked.filter(([name]) => name === 'evaluate')).toHaveLength(2);
});

it('asks before it takes back more than ten changes', async () => {
  const { store, asked, state } = made();
  state.session = { runId: 'run-1', startedAt: '2026', retrainedId: null, changes: { ...none, steps: 11 } };
  await store.enter();
  await store.askUndoAll();
  expect([store.asking, names(asked).includes('undoAll')]).toEqual([true, false]);
  await store.undoAll();
  expect([store.asking, names(asked).includes('undoAll')]).toEqual([false, true]);
  state.session = { runId: 'run-1', startedAt: '2026', retrainedId: null, changes: { ...none, steps: 10 } };
  await store.refresh();
  await store.askUndoAll();
  expect(names(asked).filter((name) => name === 'undoAll')).toHaveLength(2);
  expect(store.asking).toBe(false);
});

it('takes all back, looks at the run of before, and begins another repair', async () => {
  const { store, asked, state, runs } = made();
  state.session = { runId: 'run-1', startedAt: '2026', retrainedId: 'run-2', changes: { ...none, steps: 3 } };
  runs.receive({ event: 'run.changed', run: runOf('run-2', { state: 'finished', bestEpoch: 1 }) });
  runs.choose('run-2');
  await store.enter();
  await store.undoAll();
  expect(names(asked)).toContain('undoAll');
  expect(runs.current?.id).toBe('run-1');
  expect(store.session).toMatchObject({ runId: 'run-1', retrainedId: null });
  expect(store.comparison).toBeNull();
});
