/** One of a few, from the list of the system. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import SelectField from './SelectField.svelte';
import { expectAccessible, show } from '../testing.svelte.ts';

it('one of a few is chosen from the system’s own list; what cannot be chosen is disabled', async () => {
  const onchange = vi.fn();
  show(SelectField, {
    label: 'Optimizer',
    value: 'sgd',
    options: [
      { value: 'sgd', label: 'SGD' },
      { value: 'adam', label: 'Adam' },
      { value: 'lion', label: 'Lion', disabled: true },
    ],
    hint: 'What turns gradients into steps.',
    onchange,
  });
  const list = page.getByRole('combobox', { name: 'Optimizer' });
  await expect.element(list).toHaveValue('sgd');
  await expect.element(list).toHaveAccessibleDescription('What turns gradients into steps.');
  await expect.element(page.getByRole('option', { name: 'Lion' })).toBeDisabled();
  await userEvent.selectOptions(list, 'Adam');
  expect(onchange.mock.calls).toEqual([['adam']]);
  await expectAccessible();
});
