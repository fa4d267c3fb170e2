/** A report of a real project: what it says of the test part is of the part that was evaluated, though the project has another one by then. */
import { expect, it } from 'vitest';
import { evaluate } from '#recipe/metrics/scores.ts';
import { readInt32, writeArray } from '../project/arrays.ts';
import { PredictionStore } from '../project/prediction-store.ts';
import { redraw } from '../project/testing-redraw.ts';
import { startEvaluation } from './evaluate.ts';
import { writeReport } from './report.ts';
import type { Script } from './testing.ts';
import { testRuns, toTheEnd } from './testing-runs.ts';

const test = testRuns();

/** The first three images are wrong. */
const answer: NonNullable<Script['evaluate']> = async ({ labels, predictions }) => {
  const actual = await readInt32(labels);
  const rows = new Float32Array(actual.length * 10).fill(0.01);
  actual.forEach((label, place) => (rows[place * 10 + (place < 3 ? (label + 1) % 10 : label)] = 0.91));
  await writeArray(predictions, rows);
  return evaluate(rows, actual, 10, 3);
};

async function reportOf(runId: string): Promise<string> {
  const { open: project } = test.services;
  const predictions = new PredictionStore(project.runs);
  return (await writeReport({ version: '1', project, predictions }, runId, 'markdown')).text;
}
const linesOf = (text: string, ...signs: string[]) =>
  text.split('\n').filter((line) => signs.some((sign) => line.includes(sign)));

it('is of the test part that was evaluated, and names the images that it shows', async () => {
  test.script = { train: toTheEnd, evaluate: answer };
  const runId = await test.trained();
  const { open: project } = test.services;
  const version = project.testParts.versionOf('test')!;
  const first = await reportOf(runId);
  expect(first).toContain('99.40 % right');
  expect(first).toContain('on 500 test images, which had no part in the training.');
  expect(first).toContain(`500 images of the test part (version ${version})`);
  expect(first).toContain('500 to test it on');
  expect(first).toContain('1 run evaluated, 0 comparisons: it may have informed 1 choice');
  expect(first).toContain('since then none of them changed');
  expect(first).toContain('Nobody has looked for look-alikes');
  const { itemIds } = (await new PredictionStore(project.runs).of(runId, 'test'))!;
  for (const itemId of itemIds.subarray(0, 3)) expect(first).toContain(`${project.item(itemId).name}: `);

  await redraw(project, 0.2, 3, { testShare: 0.1, fixed: true, fresh: true });
  const then = await reportOf(runId);
  const signs = ['% right', 'to test it on', 'informed', 'SHA-256'];
  expect(linesOf(then, ...signs)).toEqual(linesOf(first, ...signs));
  expect(then).toContain(`(version ${version})`);
  const [, labels] = /Version of its labels: (\w{6}); since then none/.exec(first)!;
  expect(then).toMatch(new RegExp(`Version of its labels: ${labels}$`, 'm'));
  expect(then).toContain('the project has another test part now');
});

it('of images that the run had learned from says that it had', async () => {
  test.script = { train: toTheEnd, evaluate: answer };
  const runId = await test.trained();
  const { open: project } = test.services;
  await redraw(project, 0.2, 3, { testShare: 0.2, fixed: true, fresh: true });
  startEvaluation(test.services, runId, { split: 'test', tta: 'none' });
  await expect.poll(() => project.runs.evaluation(runId, 'test')?.trainedOn, { timeout: 10_000 }).toBe(500);
  const text = await reportOf(runId);
  expect(text).toContain('The run had trained or validated on 500 of these 500 images');
  expect(text).not.toContain('no part in the training');
});
