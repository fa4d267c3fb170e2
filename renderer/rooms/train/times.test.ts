import { expect, it } from 'vitest';
import type { StudioEvent } from '#contract/events.ts';
import { StudyPlan } from '#contract/study.ts';
import type { TimeEstimate } from '#contract/times.ts';
import { recipeOf, runOf, settled, TestStudio } from '../../state/testing.ts';
import { Times } from './times.svelte.ts';

const recipe = (name: string) => recipeOf(name);
const plan = StudyPlan.parse({ kind: 'cross-validation', folds: 3, seeds: [1] });
const estimate = (seconds: number): TimeEstimate => ({
  seconds,
  low: seconds / 1.5,
  high: seconds * 1.5,
  parts: { start: 0, images: 0, features: 0, epochs: seconds, evaluation: 0 },
});

/** A studio that answers when it is told to. */
function studioOf() {
  const asked: {
    question: unknown;
    answer(given: TimeEstimate | null): Promise<void>;
    fail(): Promise<void>;
  }[] = [];
  const ask = (question: unknown) =>
    new Promise<TimeEstimate | null>((resolve, reject) => {
      asked.push({
        question,
        answer: (given) => (resolve(given), settled()),
        fail: () => (reject(new Error('no')), settled()),
      });
    });
  const studio = new TestStudio({ recipes: { estimate: ask }, studies: { estimate: ask } });
  return { times: new Times(studio), asked };
}
const ended: StudioEvent = { event: 'run.changed', run: runOf('r1', { state: 'finished' }) };

it('asks once where somebody looks, and anew when a run has ended, showing what was known meanwhile', async () => {
  const { times, asked } = studioOf();
  const look = () => times.ofRun(recipe('Quick'), null)?.seconds ?? null;
  expect([look(), look()]).toEqual([null, null]);
  await settled();
  expect(asked.map(({ question }) => question)).toEqual([{ recipe: recipe('Quick') }]);
  await asked[0]!.answer(estimate(35));
  expect([look(), asked.length]).toEqual([35, 1]);
  times.receive(ended);
  expect(look()).toBe(35);
  await settled();
  expect(asked).toHaveLength(2);
  await asked[1]!.answer(estimate(20));
  expect([look(), asked.length]).toEqual([20, 2]);
});

it('asks one question after the other, and knows nothing of a recipe that cannot be trained', async () => {
  const { times, asked } = studioOf();
  times.ofRun(recipe('One'), { runId: 'run-1', how: 'fine-tune' });
  times.ofStudy(recipe('Two'), plan);
  await settled();
  expect(asked).toHaveLength(1);
  await asked[0]!.fail();
  expect(times.ofRun(recipe('One'), { runId: 'run-1', how: 'fine-tune' })).toBeNull();
  expect(asked[1]!.question).toEqual({ recipe: recipe('Two'), plan });
  await asked[1]!.answer(estimate(90));
  expect(times.ofStudy(recipe('Two'), plan)?.seconds).toBe(90);
});

it('forgets all with the project', async () => {
  const { times, asked } = studioOf();
  times.ofRun(recipe('One'), null);
  await settled();
  await asked[0]!.answer(estimate(9));
  times.reset();
  expect(times.ofRun(recipe('One'), null)).toBeNull();
});
