/** The answer rule that is shown is that of the run as it is, and choosing one says what was before. */
import { beforeEach, expect, it, vi } from 'vitest';
import type { AnswerRule } from '#contract/answer-rule.ts';
import type { Evidence } from '#contract/evidence.ts';
import * as notices from '../../state/notices.ts';
import { AnswerRuleStore } from './answer-rules.svelte.ts';

const ruleAt = (threshold: number, known = 0.9) => ({ threshold, chosen: { known } }) as AnswerRule;
const evidence = (coverage: number[], evaluatedAt = 'monday') =>
  ({
    runId: 'r',
    split: 'test',
    evaluatedAt,
    coverage: { points: coverage.map((share) => ({ coverage: share, threshold: 1 - share, error: 0 })) },
  }) as Evidence;

function setUp(stored: AnswerRule | null) {
  const asked: unknown[] = [];
  const answerRules = {
    get: () => Promise.resolve(stored),
    fit: (choice: unknown) => Promise.resolve({ id: 'j', choice: asked.push(choice) }),
    remove: () => Promise.resolve(stored),
  };
  const ask = (given: (client: never) => Promise<unknown>) => given({ answerRules } as never);
  const studio = {
    working: [],
    call: ask,
    attempt: ask,
    finished: () => Promise.resolve({ state: 'finished' }),
  };
  return { store: new AnswerRuleStore(studio as never), asked };
}

beforeEach(() => void vi.spyOn(notices, 'say').mockImplementation(() => undefined));

it('reads a rule once, takes over what is announced, and forgets it when the run goes on', async () => {
  const { store } = setUp(ruleAt(0.6));
  expect(store.get('r')).toBeUndefined();
  await store.want('r');
  expect(store.get('r')!.threshold).toBe(0.6);
  store.receive({ event: 'answer-rule.changed', runId: 'r', rule: ruleAt(0.8) });
  await store.want('r');
  expect(store.get('r')!.threshold).toBe(0.8);
  store.receive({ event: 'run.changed', run: { id: 'r', state: 'running' } as never });
  expect(store.get('r')).toBeNull();
});

it('chooses a threshold with the share of known images that was chosen before, and says what was', async () => {
  const { store, asked } = setUp(ruleAt(0.6));
  await store.choose('r', 0.7);
  await store.want('r');
  await store.choose('r', 0.8);
  expect(asked).toEqual(
    [0.95, 0.9].map((known, at) => ({
      runId: 'r',
      choice: { threshold: { by: 'threshold', value: [0.7, 0.8][at] }, known },
    })),
  );
  await store.remove('r');
  expect(vi.mocked(notices.say).mock.calls.map(([text]) => text)).toEqual([
    'It answers from a probability of 0.700 on; before always.',
    'It answers from a probability of 0.800 on; before from 0.600 on.',
    'It answers always; before from a probability of 0.600 on.',
  ]);
});

it('keeps the point that was chosen in the curve of one evaluation only', () => {
  const { store } = setUp(null);
  const of = evidence([0.2, 0.5, 0.8]);
  expect(store.pointOf(of)).toBeNull();
  store.pick(of, 0.5);
  expect(store.pointOf(of)!.coverage).toBe(0.5);
  store.pick(of, 0.6);
  expect(store.pointOf(of)!.coverage).toBe(0.8);
  expect(store.pointOf(evidence([0.6], 'tuesday'))).toBeNull();
});
