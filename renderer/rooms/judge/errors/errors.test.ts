/** Which list of errors is open: of the evaluation that is there, and of no other. */
import { expect, it } from 'vitest';
import type { Evaluation } from '#contract/evaluation.ts';
import type { ItemFilter } from '#contract/project.ts';
import type { Slices } from '#contract/slices.ts';
import { settled, TestStudio } from '../../../state/testing.ts';
import { ErrorsStore, topLosses } from './errors.svelte.ts';

const monday = { runId: 'run-1', split: 'test', evaluatedAt: 'monday' } as unknown as Evaluation;
const tuesday = { ...monday, evaluatedAt: 'tuesday' };

it('lists slices and top losses of one evaluation, and none once the part is evaluated again', async () => {
  const shown: ItemFilter[] = [];
  const slices = { ...monday, slices: [{ id: '1' }, { id: '2' }] } as unknown as Slices;
  const studio = new TestStudio({ slices: { get: () => Promise.resolve(slices) } });
  const errors = new ErrorsStore(studio, { show: (filter) => (shown.push(filter), Promise.resolve()) });
  await errors.want(monday);
  await settled();
  expect(errors.listOf(monday)).toBeNull();
  errors.open(monday, topLosses);
  expect([errors.listOf(monday), errors.sliceOf(monday)]).toEqual(['top-losses', null]);
  errors.open(monday, '2');
  expect(errors.sliceOf(monday)).toEqual({ id: '2' });
  const of = { runId: 'run-1', split: 'test' };
  expect(shown).toEqual([{ byLoss: of }, { errors: { ...of, list: '2' } }]);
  expect([errors.listOf(tuesday), errors.sliceOf(tuesday)]).toEqual([null, null]);
  errors.close();
  expect(errors.listOf(monday)).toBeNull();
});
