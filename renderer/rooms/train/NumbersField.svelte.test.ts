/** A few numbers in one box. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import NumbersField from './NumbersField.svelte';
import { expectAccessible, show } from '../../parts/testing.svelte.ts';

it('a few numbers are typed in one box; the wrong count of them is refused in words', async () => {
  const onchange = vi.fn();
  show(NumbersField, {
    ...{ label: 'Padding', values: [1, 1], counts: [2], bounds: { min: 0, whole: true }, onchange },
  });
  const box = page.getByRole('textbox', { name: 'Padding' });
  await expect.element(box).toHaveValue('1, 1');
  await box.fill('2; 3');
  await userEvent.tab();
  expect(onchange.mock.calls).toEqual([[[2, 3]]]);
  await box.fill('2, 3, 4');
  await userEvent.tab();
  await expect
    .element(page.getByRole('alert'))
    .toHaveTextContent('2 numbers are expected, divided by commas; 3 were given. It stays 1, 1.');
  await expect.element(box).toHaveValue('1, 1');
  expect(onchange).toHaveBeenCalledTimes(1);
  await expectAccessible();
});
