/** The way back that a notice offers is of its own change, and of no other. */
import { expect, it, vi } from 'vitest';
import { wayBack } from './notices.ts';

it('takes back what was said, unless something came after it', () => {
  const [undo, tell] = [vi.fn(), vi.fn()];
  let isLast = true;
  const { label, onClick } = wayBack(() => isLast, undo, 'Ctrl+Z in Train', tell);
  onClick();
  expect([label, undo.mock.calls.length, tell.mock.calls]).toEqual(['Undo', 1, []]);
  isLast = false;
  onClick();
  expect(undo).toHaveBeenCalledTimes(1);
  expect(tell).toHaveBeenCalledWith('Other changes came after it: undo those first, with Ctrl+Z in Train.');
});
