import { expect, it } from 'vitest';
import { whyNoProbabilities } from './probabilities.ts';

it.each([
  [[0.25, 0.75], null],
  [[0, 1], null],
  [[0.5, 0.4995], null],
  [[0.2, 0.8, 1, 0], null],
  [[0.5, 0.45], 'probabilities that sum to 0.95 where one was expected'],
  [[NaN, 1], 'NaN where a probability from 0 to 1 was expected'],
  [[1, NaN], 'NaN where a probability from 0 to 1 was expected'],
  [[Infinity, 0], 'Infinity where a probability from 0 to 1 was expected'],
  [[7, -6], '7 where a probability from 0 to 1 was expected'],
  [[-0.5, 1.5], '-0.5 where a probability from 0 to 1 was expected'],
  [[0, 0], 'probabilities that sum to 0 where one was expected'],
  [[0.2, 0.8, 0.5, 0.6], 'probabilities that sum to 1.1 where one was expected'],
  [[0.3, 0.3, 0.4], '3 numbers where 2 probabilities were expected'],
  [[], '0 numbers where 2 probabilities were expected'],
])('%j: %s', (values, why) => {
  expect(whyNoProbabilities(values, 2)).toBe(why);
});
