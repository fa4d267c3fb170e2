import { expect, it } from 'vitest';
import { fileName } from './save.ts';

it('calls a file by what every file system takes', () => {
  expect(fileName('quick: 3/4 "x"')).toBe('quick- 3-4 -x-');
  expect(fileName('///')).toBe('-');
  expect(fileName('')).toBe('untitled');
});
