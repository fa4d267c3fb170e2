import { expect, it } from 'vitest';
import type { StudioEvent } from '#contract/events.ts';
import type { Recipe } from '#recipe/recipe.ts';
import type { StudioClient } from '#contract/rpc.ts';
import type { TimeEstimate } from '#contract/times.ts';
import { Times } from './times.svelte.ts';

const recipe = (name: string) => ({ name }) as Recipe;
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
      const told = () => new Promise<void>((done) => setTimeout(done, 0));
      asked.push({
        question,
        answer: (given) => (resolve(given), told()),
        fail: () => (reject(new Error('no')), told()),
      });
    });
  const client = { recipes: { estimate: ask }, studies: { estimate: ask } } as unknown as StudioClient;
  const studio = { call: <T>(use: (given: StudioClient) => Promise<T>) => use(client) };
  return { times: new Times(studio as never), asked };
}
const turn = () => new Promise<void>((done) => setTimeout(done, 0));
const ended = { event: 'run.changed', run: { state: 'finished' } } as unknown as StudioEvent;

it('asks once where somebody looks, and anew when a run has ended, showing what was known meanwhile', async () => {
  const { times, asked } = studioOf();
  const look = () => times.ofRun(recipe('Quick'), null)?.seconds ?? null;
  expect([look(), look()]).toEqual([null, null]);
  await turn();
  expect(asked.map(({ question }) => question)).toEqual([{ recipe: { name: 'Quick' } }]);
  await asked[0]!.answer(estimate(35));
  expect([look(), asked.length]).toEqual([35, 1]);
  times.receive(ended);
  expect(look()).toBe(35);
  await turn();
  expect(asked).toHaveLength(2);
  await asked[1]!.answer(estimate(20));
  expect([look(), asked.length]).toEqual([20, 2]);
});

it('asks one question after the other, and knows nothing of a recipe that cannot be trained', async () => {
  const { times, asked } = studioOf();
  times.ofRun(recipe('One'), { runId: 'run-1', how: 'fine-tune' });
  times.ofStudy(recipe('Two'), { kind: 'cross-validation' } as never);
  await turn();
  expect(asked).toHaveLength(1);
  await asked[0]!.fail();
  expect(times.ofRun(recipe('One'), { runId: 'run-1', how: 'fine-tune' })).toBeNull();
  expect(asked[1]!.question).toEqual({ recipe: { name: 'Two' }, plan: { kind: 'cross-validation' } });
  await asked[1]!.answer(estimate(90));
  expect(times.ofStudy(recipe('Two'), { kind: 'cross-validation' } as never)?.seconds).toBe(90);
});

it('forgets all with the project', async () => {
  const { times, asked } = studioOf();
  times.ofRun(recipe('One'), null);
  await turn();
  await asked[0]!.answer(estimate(9));
  times.reset();
  expect(times.ofRun(recipe('One'), null)).toBeNull();
});
