/** A line of text. */
import { expect, it } from 'vitest';
import { page } from 'vitest/browser';
import TextField from './TextField.svelte';
import { expectAccessible, show } from '../testing.svelte.ts';

it('a line of text is found by its label, shown or not', async () => {
  const { given } = show(TextField, { label: 'Name', value: 'First' });
  const box = page.getByRole('textbox', { name: 'Name' });
  await box.fill('Second');
  await expect.element(box).toHaveValue('Second');
  await expectAccessible();
  given.hidden = true;
  await expect.element(page.getByRole('textbox', { name: 'Name' })).toBeVisible();
  await expectAccessible();
});
