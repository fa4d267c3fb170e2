/** Yes or no. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import Check from './Check.svelte';
import { expectAccessible, show } from '../testing.svelte.ts';

it('yes or no is ticked by a click on its words or by the space bar', async () => {
  const onchange = vi.fn();
  show(Check, {
    ...{ label: 'Nesterov', checked: false, hint: 'Looks ahead along the momentum.', onchange },
  });
  await page.getByText('Nesterov').click();
  await userEvent.keyboard('[Space]');
  expect(onchange.mock.calls).toEqual([[true], [false]]);
  await expect
    .element(page.getByRole('checkbox', { name: 'Nesterov' }))
    .toHaveAccessibleDescription('Looks ahead along the momentum.');
  await expectAccessible();
});
