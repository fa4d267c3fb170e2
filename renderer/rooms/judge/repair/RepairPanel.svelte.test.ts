/** What stands beside the images: which labels and part are shown, what repairing does to the figure, and what came of it. */
import { expect, it } from 'vitest';
import { page } from 'vitest/browser';
import type { EvaluatedLabels, Figure, RepairComparison } from '#contract/repair.ts';
import type { Run } from '#contract/run.ts';
import { comparePairs } from '#recipe/statistics/paired.ts';
import { expectAccessible, show } from '../../../parts/testing.svelte.ts';
import { projectOf, runOf } from '../../../state/testing.ts';
import { runs, studio } from '../../../stores.ts';
import { repair, view } from '../stores.ts';
import RepairPanel from './RepairPanel.svelte';

const figure = (count: number, correct: number): Figure => ({
  ...{ count, correct, accuracy: correct / count, interval: { low: 0.7, high: 0.9 } },
});
const evaluated = (runId: string, changed: Partial<EvaluatedLabels> = {}): EvaluatedLabels => ({
  ...{ runId, split: 'test', evaluatedAt: '2026', partVersion: 'abcdef123456' },
  ...{ then: '111111aaaaaa', now: '111111aaaaaa', relabelled: 0, gone: 0, added: 0 },
  ...{ evaluated: figure(100, 80), present: figure(100, 80) },
  ...changed,
});
const changed = { now: '222222bbbbbb', relabelled: 3, gone: 1, present: figure(99, 82) };
const comparison: RepairComparison = {
  ...comparePairs({ count: 99, fixed: 9, broken: 1 }),
  ...{ sameVersion: false, otherLabels: null, split: 'test', onlyOne: 2, movedParts: 0 },
  before: evaluated('run-1', changed),
  after: evaluated('run-2', { then: '222222bbbbbb', now: '222222bbbbbb' }),
  figures: { before: figure(99, 82), after: figure(99, 90) },
  fixedItems: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  brokenItems: [10],
  classes: [
    {
      ...{ classId: 1, name: 'Shirt', support: 50, fixed: 8, broken: 0 },
      ...{ recall: [0.7, 0.86], precision: [0.8, 0.8], f1: [0.75, 0.83] },
    },
    {
      ...{ classId: 2, name: 'Coat', support: 49, fixed: 1, broken: 1 },
      ...{ recall: [0.9, 0.9], precision: [null, 0.8], f1: [null, 0.85] },
    },
  ],
};

let run: Run;
function begin(): void {
  studio.project = projectOf();
  runs.reset();
  repair.reset();
  view.split = 'test';
  run = runOf('run-1', { name: 'One', state: 'finished', bestEpoch: 1 });
  runs.receive({ event: 'run.changed', run });
  runs.choose('run-1');
}

it('always says which part and labels are shown, and what repairing test images does to the figure', async () => {
  begin();
  repair.labels = evaluated('run-1');
  show(RepairPanel, { run });
  const standing = page.getByRole('region', { name: 'What is shown' });
  await expect
    .element(standing)
    .toHaveTextContent(/One on the test part abcdef, evaluated on labels 111111, which are the present ones/);
  await expect.element(standing).toHaveTextContent(/makes its test figure too good, and counts as a use/);
  repair.labels = evaluated('run-1', changed);
  await expect
    .element(standing)
    .toHaveTextContent(/labels now 222222: 3 labels changed, 1 image left the part since/);
  await expect.element(standing).toHaveTextContent(/80\.00\s%.*on the labels of then.*82\.83\s%/);
  repair.list = 'suspects';
  await expect.element(standing).toHaveTextContent(/out of fold/);
  await expect.element(standing).not.toHaveTextContent(/too good/);
  await expectAccessible();
});

it('says what was repaired, how far training is, and what came of it on the same labels', async () => {
  begin();
  repair.session = {
    ...{ runId: 'run-1', startedAt: '2026-01-01T10:00:00Z', retrainedId: 'run-2' },
    changes: { steps: 5, relabelled: 3, excluded: 1, hard: 2, others: 0 },
  };
  runs.receive({ event: 'run.changed', run: runOf('run-2', { name: 'One repaired' }) });
  show(RepairPanel, { run });
  await expect
    .element(page.getByRole('heading', { name: '3 relabelled, 1 excluded, 2 marked as hard' }))
    .toBeVisible();
  await expect.element(page.getByRole('progressbar', { name: 'Training One repaired' })).toBeVisible();
  const finished = runOf('run-2', { name: 'One repaired', state: 'finished', bestEpoch: 1 });
  runs.receive({ event: 'run.changed', run: finished });
  repair.comparison = comparison;
  const outcome = page.getByRole('region', { name: 'What came of it' });
  await expect.element(outcome).toHaveTextContent(/\+2\.83 by the labels alone/);
  await expect.element(outcome).toHaveTextContent(/\+8\.08 by training/);
  await expect.element(outcome).toHaveTextContent(/One repaired is better by 8\.08 points/);
  await expect.element(outcome).toHaveTextContent(/2 images that only one of the two was evaluated on/);
  const rows = page.getByRole('table', { name: 'Difference by class' }).getByRole('row');
  await expect.element(rows.nth(1)).toHaveTextContent(/Shirt.*50.*\+16\.0.*0\.0.*\+8\.0.*8, 0/);
  await expect.element(rows.nth(2)).toHaveTextContent(/Coat.*–.*1, 1/);
  await expect.element(page.getByRole('button', { name: 'Open fixed image 9' })).toBeVisible();
  await expect.element(page.getByRole('button', { name: 'Open broken image 1' })).toBeVisible();
  await expectAccessible();
});
