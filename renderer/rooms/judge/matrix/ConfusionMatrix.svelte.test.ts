/** The confusion matrix, of a few classes and of many: keys, pointer, what is read out, and what opens. */
import { beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { Evaluation } from '#contract/evaluation.ts';
import type { Run } from '#contract/run.ts';
import { expectAccessible, show } from '../../../parts/testing.svelte.ts';
import { evaluations, runs } from '../../../stores.ts';
import { matrixView, view } from '../stores.ts';
import ConfusionMatrix from './ConfusionMatrix.svelte';

const run = (id: string, name: string) =>
  ({
    id,
    name,
    bestEpoch: 1,
    state: 'finished',
    studyId: null,
    createdAt: id,
    epochs: [],
  }) as unknown as Run;
/** Class i is right 10 + i times, and once taken for the next one. */
function evaluation(runId: string, side: number): Evaluation {
  const confusion = Array.from({ length: side }, (_, row) =>
    Array.from({ length: side }, (_, column) =>
      row === column ? 10 + row : column === (row + 1) % side ? 1 + (row === 1 ? 4 : 0) : 0,
    ),
  );
  const classes = confusion.map((_, index) => ({ classId: index + 1, name: `class ${index}` }));
  return { runId, split: 'test', tta: 'none', confusion, classes } as unknown as Evaluation;
}

let opened: MockInstance<typeof view.open>;
/** Of two runs the later one is looked at; it confuses class 0 with class 1 seven times more. */
function judge(side: number): void {
  for (const store of [runs, evaluations, matrixView]) store.reset();
  for (const [id, name] of [
    ['1', 'One'],
    ['2', 'Two'],
  ] as const) {
    runs.receive({ event: 'run.changed', run: run(id, name) });
    const made = evaluation(id, side);
    if (id === '2') made.confusion[0]![1] = 8;
    evaluations.receive({ event: 'evaluation.finished', evaluation: made });
  }
  runs.choose('2');
  opened = vi.spyOn(view, 'open').mockReturnValue();
}
beforeEach(() => {
  vi.restoreAllMocks();
});

const grid = () => page.getByRole('grid', { name: 'Confusion matrix' });
const told = () => page.getByRole('status');

it('walks cells and classes by keys, says where it is, and opens a cell, a range or a class', async () => {
  judge(3);
  show(ConfusionMatrix, {});
  (grid().getByRole('gridcell').nth(0).element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(told()).toHaveTextContent('actual class 0, predicted class 1: 8 images');
  await userEvent.keyboard('{Enter}');
  expect(opened.mock.lastCall).toEqual([{ actual: [0], predicted: [1] }]);
  await userEvent.keyboard('{Shift>}{ArrowDown}{/Shift}');
  await expect.element(told()).toHaveTextContent('actual class 0 to class 1, predicted class 1: 19 images');
  await userEvent.keyboard('{Enter}');
  expect(opened.mock.lastCall).toEqual([{ actual: [0, 1], predicted: [1] }]);
  await userEvent.keyboard('{ArrowLeft}{ArrowLeft}{Enter}');
  await expect.element(told()).toHaveTextContent('actual class 1: 16 images');
  expect(opened.mock.lastCall).toEqual([{ actual: [1], predicted: null }]);
  await expectAccessible();
});

it('opens by the pointer: a cell by a click, a range by a drag, a class by its name', async () => {
  judge(3);
  show(ConfusionMatrix, {});
  const cell = (actual: number, predicted: number) =>
    grid().getByRole('gridcell', { name: `actual class ${actual}, predicted class ${predicted}:` });
  await cell(2, 0).click();
  expect(opened.mock.calls).toEqual([[{ actual: [2], predicted: [0] }]]);
  await userEvent.dragAndDrop(cell(0, 0), cell(1, 1));
  expect(opened.mock.lastCall).toEqual([{ actual: [0, 1], predicted: [0, 1] }]);
  await grid().getByRole('columnheader', { name: 'class 2' }).click();
  expect(opened.mock.lastCall).toEqual([{ actual: null, predicted: [2] }]);
});

it('shows what a run has more and fewer of than another, in any order of the classes', async () => {
  judge(3);
  show(ConfusionMatrix, {});
  await page.getByLabelText('Difference from a run').selectOptions('Less One');
  const cell = grid().getByRole('gridcell', { name: 'actual class 0, predicted class 1:' });
  await expect.element(cell).toHaveTextContent('+7');
  await page.getByLabelText('Order of the classes').selectOptions('By errors');
  await expect.element(grid().getByRole('rowheader').nth(0)).toHaveTextContent('class 0');
  await expect.element(grid().getByRole('rowheader').nth(1)).toHaveTextContent('class 1');
  (cell.element() as HTMLElement).focus();
  await expect.element(told()).toHaveTextContent('8 images, +7 against One');
  await expectAccessible();
});

it('says of a difference that part of it is of other labels', async () => {
  judge(3);
  show(ConfusionMatrix, {});
  await page.getByLabelText('Difference from a run').selectOptions('Less One');
  const note = page.getByRole('note');
  await expect.element(note).not.toBeInTheDocument();
  for (const id of ['1', '2']) {
    const made = { ...evaluation(id, 3), partVersion: 'part', labelsVersion: `labels ${id}` };
    evaluations.receive({ event: 'evaluation.finished', evaluation: made });
  }
  await expect
    .element(note)
    .toHaveTextContent('One was evaluated on other labels: part of this difference is theirs.');
});

it('does not stretch with two classes', () => {
  judge(2);
  const { target } = show(ConfusionMatrix, {});
  target.style.width = '900px';
  expect(grid().element().getBoundingClientRect().width).toBeLessThan(300);
});

it('of many classes, shows the top confusions first and a drawing that is walked and read like the table', async () => {
  judge(60);
  const { target } = show(ConfusionMatrix, {});
  target.style.width = '700px';
  const top = page.getByRole('region', { name: 'Top confusions' }).getByRole('button');
  await expect.element(top.nth(0)).toHaveTextContent(/class 0 as class 1 8/);
  await top.nth(1).click();
  expect(opened.mock.lastCall).toEqual([{ actual: [1], predicted: [2] }]);
  // Where it went, the keys go on.
  (grid().element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowDown}{ArrowRight}');
  await expect.element(told()).toHaveTextContent('actual class 2, predicted class 3: 1 image');
  await expect
    .element(grid().getByRole('gridcell'))
    .toHaveTextContent('actual class 2, predicted class 3: 1 image');
  await userEvent.keyboard('{Shift>}{ArrowRight}{/Shift}{Enter}');
  expect(opened.mock.lastCall).toEqual([{ actual: [2], predicted: [3, 4] }]);
  await userEvent.keyboard('{Control>}{End}{/Control}{+}{+}');
  await expect.element(told()).toHaveTextContent('actual class 59, predicted class 59: 69 images');
  await expectAccessible();
});

it('finds the cell under the pointer on the drawing, also zoomed', async () => {
  judge(60);
  const { target } = show(ConfusionMatrix, {});
  target.style.width = '704px';
  await expect.element(grid()).toBeVisible();
  const canvas = target.querySelector('canvas')!;
  const at = (x: number, y: number) => userEvent.hover(canvas, { position: { x, y } });
  const { width, height } = canvas.getBoundingClientRect();
  const cell = (Math.min(width, height) - 104) / 60;
  await at(104 + 10.5 * cell, 104 + 20.5 * cell);
  await expect.element(told()).toHaveTextContent('actual class 20, predicted class 10: 0 images');
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await page.getByRole('button', { name: 'Whole matrix' }).click();
  await userEvent.click(canvas, { position: { x: 104 + 3.5 * cell, y: 104 + 3.5 * cell } });
  expect(opened.mock.lastCall).toEqual([{ actual: [3], predicted: [3] }]);
  await userEvent.click(canvas, { position: { x: 50, y: 104 + 7.5 * cell } });
  expect(opened.mock.lastCall).toEqual([{ actual: [7], predicted: null }]);
});
