/** The repair loop with real projects and files, and a worker that says what the test has it say: figures on the same labels before and after. */
import { expect, it } from 'vitest';
import { evaluate } from '#recipe/metrics/scores.ts';
import { readInt32, writeArray } from '../project/arrays.ts';
import { idsByLoss } from '../project/loss-order.ts';
import { PredictionStore } from '../project/prediction-store.ts';
import { redraw } from '../project/testing-redraw.ts';
import { planExclude } from '../project/curation-plans.ts';
import type { ItemFilter, ItemSort } from '#contract/project.ts';
import { listItems } from '../commands/item-list.ts';
import type { StudioState } from '../studio-state.ts';
import { testedOtherwise } from '#contract/repair.ts';
import { changedImages, compareOnPresentLabels, evaluatedLabels } from './repair-comparison.ts';
import { beginRepair, compareRepaired, repairedName, retrain } from './repair.ts';
import { testRuns, toTheEnd } from './testing-runs.ts';
import type { Script } from './testing.ts';

const test = testRuns();

/** Each image is predicted as the class at `said`, with this probability; the others share the rest. */
const answering =
  (said: (place: number, label: number) => number, sure = 0.9): NonNullable<Script['evaluate']> =>
  async ({ labels, predictions }) => {
    const actual = await readInt32(labels);
    const rows = new Float32Array(actual.length * 10).fill((1 - sure) / 9);
    actual.forEach((label, place) => (rows[place * 10 + said(place, label)] = sure - place / 10_000));
    await writeArray(predictions, rows);
    return evaluate(rows, actual, 10, 3);
  };
const wrong = (label: number) => (label + 1) % 10;
const parts = () => ({ project: test.services.open, store: new PredictionStore(test.services.open.runs) });

/** A run that has the first ten test images wrong. */
async function before(): Promise<string> {
  test.script = {
    train: toTheEnd,
    evaluate: answering((place, label) => (place < 10 ? wrong(label) : label)),
  };
  return test.trained();
}

it('scores kept predictions on the present labels, and says which labels they were evaluated on', async () => {
  const runId = await before();
  const { project, store } = parts();
  const { columns } = project;
  const rows = columns.ofSplit('test');
  const idAt = (place: number) => columns.ids[rows[place]!]!;
  const first = (await evaluatedLabels(project, store, runId, 'test'))!;
  expect(first).toMatchObject({
    relabelled: 0,
    gone: 0,
    added: 0,
    evaluated: { correct: 490 },
    present: { correct: 490 },
  });
  expect(first.now).toBe(first.then);

  // As was predicted of it, and something else.
  const classes = project.runs.classesOf(runId).map(({ id }) => id);
  const labelOf = (place: number) => classes.indexOf(columns.classIds[columns.positionOf(idAt(place))]!);
  await project.relabel([idAt(0)], classes[wrong(labelOf(0))]!);
  await project.relabel([idAt(20)], classes[wrong(labelOf(20))]!);
  await project.record((database) => planExclude(database, columns, [idAt(1)], 'Doubtful label'));
  const second = (await evaluatedLabels(project, store, runId, 'test'))!;
  expect(second).toMatchObject({
    ...{ then: first.then, relabelled: 2, gone: 1, added: 0 },
    evaluated: { count: 500, correct: 490 },
    present: { count: 499, correct: 490 },
  });
  expect(second.now).not.toBe(first.now);
  for (let step = 0; step < 3; step += 1) await project.step('undo');
  expect(await evaluatedLabels(project, store, runId, 'test')).toEqual(first);
  expect(await evaluatedLabels(project, store, runId, 'train')).toBeNull();
});

it('compares the run before with the one trained on repaired labels on the same labels, by class and image by image', async () => {
  const baselineId = await before();
  const { project, store } = parts();
  const { columns } = project;
  const rows = columns.ofSplit('test');
  const idAt = (place: number) => columns.ids[rows[place]!]!;
  const classes = project.runs.classesOf(baselineId).map(({ id }) => id);
  await beginRepair(test.services, baselineId);
  // Two of its ten mistakes were wrong labels.
  for (const place of [0, 1]) {
    const label = classes.indexOf(columns.classIds[columns.positionOf(idAt(place))]!);
    await project.relabel([idAt(place)], classes[wrong(label)]!);
  }
  // The next has six of the other eight right, and one wrong that was right.
  test.script.evaluate = answering((place, label) => ([8, 9, 30].includes(place) ? wrong(label) : label));
  const { id: runId, name } = await retrain(test.services);
  await test.services.trained(runId);
  expect(name).toBe(`${project.runs.get(baselineId).name} repaired`);
  expect(project.repairs.session()).toMatchObject({ runId: baselineId, retrainedId: runId });

  const pair = { baselineId, runId, split: 'test' } as const;
  const uses = project.testParts.state().comparisons;
  const compared = (await compareRepaired(test.services, store, pair))!;
  expect(project.testParts.state()).toMatchObject({ comparisons: uses + 1, repairs: 1 });
  expect(compared).toMatchObject({
    ...{ count: 500, fixed: 6, broken: 1, onlyOne: 0, movedParts: 0 },
    before: { relabelled: 2, evaluated: { correct: 490 } },
    after: { relabelled: 0 },
    figures: { before: { correct: 492 }, after: { correct: 497 } },
    fixedItems: [2, 3, 4, 5, 6, 7].map(idAt),
    brokenItems: [idAt(30)],
  });
  // By the evaluations as they are, that the first is of other labels is said.
  const plain = await store.compare(baselineId, runId, 'test');
  expect(plain).toMatchObject({ sameVersion: true, otherLabels: { images: 2, older: 'A' } });
  expect(compared.otherLabels).toBeNull();
  expect(project.runs.get(baselineId).testLabels!.version).toBe(compared.before.then);
  const { last, others } = testedOtherwise(await project.runs.list())!;
  expect([last.id, others.map(({ id }) => id)]).toEqual([runId, [baselineId]]);
  expect(compared.after.then).toBe(compared.before.now);
  const sum = (key: 'support' | 'fixed' | 'broken') =>
    compared.classes.reduce((all, one) => all + one[key], 0);
  expect([sum('support'), sum('fixed'), sum('broken')]).toEqual([500, 6, 1]);
  for (const {
    recall: [a, b],
    fixed,
    broken,
    support,
  } of compared.classes)
    expect(b! - a!).toBeCloseTo((fixed - broken) / support, 10);
  for (const which of ['fixed', 'broken'] as const)
    expect([...(await changedImages(project, store, { ...pair, which })).itemIds]).toEqual(
      compared[`${which}Items`],
    );

  // Back to the labels of before: the two wrong labels count against the second again.
  await project.repairs.undoAll();
  expect(await compareOnPresentLabels(project, store, pair)).toMatchObject({
    ...{ fixed: 6, broken: 1 },
    before: { relabelled: 0, evaluated: { correct: 490 }, present: { correct: 490 } },
    after: { relabelled: 2 },
  });
  expect(await compareOnPresentLabels(project, store, { ...pair, split: 'train' })).toBeNull();
});

it('lists images by their loss when evaluated, and those of a finding or a comparison alone', async () => {
  const runId = await before();
  const { project, store } = parts();
  const rows = project.columns.ofSplit('test');
  const order = await idsByLoss(store, { runId, split: 'test' });
  expect(order).toHaveLength(500);
  // Wrong ones first; of those that are right the later ones were less sure.
  expect(new Set(order.slice(0, 10))).toEqual(
    new Set(rows.slice(0, 10).map((at) => project.columns.ids[at]!)),
  );
  expect(order[10]).toBe(project.columns.ids[rows[499]!]);
  const state = { project: () => project, predictions: store } as unknown as StudioState;
  const byLoss = { runId, split: 'test' } as const;
  const listed = await listItems(state, { byLoss }, 10, 3);
  expect(listed).toMatchObject({ total: 500 });
  expect(listed.items.map(({ id }) => id)).toEqual([...order.slice(10, 13)]);
  const classIds = [project.columns.classIds[rows[0]!]!];
  const ofClass = await listItems(state, { byLoss, classIds }, 0, 1000);
  expect(ofClass.items.map(({ id }) => id)).toEqual(
    [...order].filter((id) => project.columns.classIds[project.columns.positionOf(id)] === classIds[0]),
  );
  // The same as an order, of any list: what it was not evaluated on comes last, either way.
  const sorted = async (sort: ItemSort, splits?: ItemFilter['splits']) =>
    (await listItems(state, { sort, splits }, 0, 1000)).items.map(({ id }) => id);
  expect(await sorted({ by: 'loss', descending: true }, ['test'])).toEqual([...order]);
  expect((await sorted({ by: 'loss' }, ['test']))[499]).toBe(order[9]);
  const all = await listItems(state, { sort: { by: 'loss' } }, 0, 1);
  expect(all).toMatchObject({
    total: project.columns.length,
    sortedBy: { runId, splits: ['validation', 'test'] },
  });
  const train = await sorted({ by: 'loss' }, ['train']);
  expect(train).toEqual(await sorted({ by: 'loss', descending: true }, ['train']));
  const said = await store.lookUp(runId, await sorted({ by: 'probability' }, ['test']));
  const greatest = said.map((one) => one!.probabilities[one!.predicted]!);
  expect(greatest).toEqual([...greatest].sort((a, b) => a - b));
  await expect(listItems(state, { byLoss: { runId, split: 'train' } }, 0, 1)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

it('says where parts were drawn anew in between', async () => {
  const baselineId = await before();
  const { project, store } = parts();
  await beginRepair(test.services, baselineId);
  await redraw(project, 0.2, 99);
  const { id: runId } = await retrain(test.services);
  await test.services.trained(runId);
  const compared = (await compareOnPresentLabels(project, store, { baselineId, runId, split: 'test' }))!;
  expect(compared.movedParts).toBeGreaterThan(100);
  expect(project.repairs.session()?.changes).toMatchObject({ steps: 1, others: 1 });
});

it('refuses a run that has not learned, and to train where nobody repairs', async () => {
  await expect(retrain(test.services)).rejects.toMatchObject({ code: 'CONFLICT' });
  const { id } = await test.created();
  await expect(beginRepair(test.services, id)).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(beginRepair(test.services, 'run-9')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('names runs by what they are made of', () => {
  expect(repairedName('Quick 1', [])).toBe('Quick 1 repaired');
  expect(repairedName('Quick 1 repaired', ['Quick 1 repaired'])).toBe('Quick 1 repaired 2');
  expect(repairedName('Quick 1 repaired 2', ['Quick 1 repaired', 'Quick 1 repaired 2'])).toBe(
    'Quick 1 repaired 3',
  );
});
