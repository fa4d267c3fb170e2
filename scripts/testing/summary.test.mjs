/** The closing line is what people and machines believe: it must count right and fail when it should. */
import { expect, test } from 'vitest';
import { summarise } from './summary.mjs';

const part = (name, passed, failed = 0, rest = {}) => ({
  name,
  milliseconds: 1000,
  passed,
  failed,
  skipped: 0,
  ...rest,
});
const lastLine = (text) => text.trimEnd().split('\n').pop();

test('adds up the parts', () => {
  const { text, code } = summarise([part('types', 1), part('units', 40, 2)], [], false);
  expect(lastLine(text)).toBe('41 passed, 2 failed');
  expect(code).toBe(1);
});

test('names what was left out, and lets it pass outside CI only', () => {
  const outcomes = [part('types', 1), part('electron', 0, 0, { leftOut: 'there is no display' })];
  expect(summarise(outcomes, [], false).code).toBe(0);
  expect(summarise(outcomes, [], false).text).toContain('Left out: electron, because there is no display.');
  expect(lastLine(summarise(outcomes, [], true).text)).toBe('1 passed, 1 failed');
  expect(summarise(outcomes, [], true).code).toBe(1);
});

test('tells skipped tests apart, and does not let them pass in CI', () => {
  const outcomes = [part('units', 3, 0, { skipped: 2 })];
  expect(lastLine(summarise(outcomes, [], false).text)).toBe('3 passed, 0 failed, 2 skipped');
  expect([summarise(outcomes, [], false).code, summarise(outcomes, [], true).code]).toEqual([0, 1]);
});

test('a run in which nothing ran has not passed', () =>
  expect(summarise([part('units', 0)], [], false).code).toBe(1));
