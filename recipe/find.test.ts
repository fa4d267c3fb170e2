import { expect, it } from 'vitest';
import { matches } from './find.ts';

it('looks at beginnings of words only', () => {
  expect(matches('rate', 'Learning rate')).toBe(true);
  expect(matches('ate', 'Learning rate')).toBe(false);
  expect(matches('rate epochs', 'Learning rate,epochs')).toBe(false);
  expect(matches('', 'Learning rate')).toBe(false);
});

it('takes either spelling, with hyphens or without', () => {
  expect(matches('normalization', 'Normalisation')).toBe(true);
  expect(matches('gray color', 'grey colour')).toBe(true);
  expect(matches('earlystopping', 'Early stopping')).toBe(true);
  expect(matches('early-stopping', 'Early stopping')).toBe(true);
});
