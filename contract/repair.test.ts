/** What is said where two evaluations were of other labels. */
import { expect, it } from 'vitest';
import { otherLabelsWords, testedOtherwise } from './repair.ts';
import type { Run } from './run.ts';

it('says which of two runs was evaluated on other labels, and of how many images', () => {
  const words = (older: 'A' | 'B') =>
    otherLabelsWords({ count: 500, otherLabels: { images: 100, older } }, 'Quick 1', 'Quick 2');
  expect(words('A')).toBe(
    'Quick 1 was evaluated on other labels: 100 of these 500 images had another label then, so that the figures of both are not comparable. Evaluate Quick 1 again',
  );
  expect(words('B')).toMatch(/^Quick 2 was evaluated on other labels/);
  expect(otherLabelsWords({ count: 500, otherLabels: null }, 'A', 'B')).toBeNull();
});

it('finds the runs that were tested on other images or labels than the one that was tested last', () => {
  const run = (id: string, version: string | null, evaluatedAt = '') =>
    ({ id, testLabels: version === null ? null : { version, evaluatedAt } }) as Run;
  const [first, second, third, none] = [
    run('run-1', 'aa', '2026-11-01'),
    run('run-2', 'bb', '2026-11-03'),
    run('run-3', 'bb', '2026-11-02'),
    run('run-4', null),
  ];
  expect(testedOtherwise([none!, third!, second!, first!])).toEqual({ last: second, others: [first] });
  expect(testedOtherwise([none!, third!, second!])).toBeNull();
  expect(testedOtherwise([none!])).toBeNull();
});
