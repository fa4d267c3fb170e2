import { expect, it } from 'vitest';
import { Budget } from './budget.ts';

/** Work that ends when it is told to. */
function job() {
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { end, ended };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('starts what there is room for, in order, and what is too large alone', async () => {
  const budget = new Budget(10);
  const started: string[] = [];
  const start = (name: string, bytes: number) => {
    const { end, ended } = job();
    const all = budget.run(bytes, () => (started.push(name), ended));
    return { end, all };
  };
  const a = start('a', 6);
  const b = start('b', 4);
  const large = start('large', 99);
  const small = start('small', 1);
  await turn();
  expect(started).toEqual(['a', 'b']);
  a.end();
  await turn();
  expect(started).toEqual(['a', 'b']);
  b.end();
  await turn();
  expect(started).toEqual(['a', 'b', 'large']);
  large.end();
  await turn();
  expect(started).toEqual(['a', 'b', 'large', 'small']);
  small.end();
  await Promise.all([a.all, b.all, large.all, small.all]);
});

it('gives back what failed work took', async () => {
  const budget = new Budget(10);
  await expect(budget.alone(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await budget.alone(() => Promise.resolve(7))).toBe(7);
});
