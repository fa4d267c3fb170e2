/** A path that is typed: taken with Enter or the button, never empty. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import PathForm from './PathForm.svelte';
import { expectAccessible, show } from '../testing.svelte.ts';

it('gives the path without the blanks around it, and no empty one', async () => {
  const onpath = vi.fn();
  const { given } = show(PathForm, { label: 'Folder', action: 'Import', onpath });
  const box = page.getByRole('textbox', { name: 'Folder' });
  const button = page.getByRole('button', { name: 'Import' });
  await expect.element(button).toBeDisabled();
  await box.fill('   ');
  await userEvent.keyboard('{Enter}');
  await expect.element(button).toBeDisabled();
  await box.fill(' /data/boots ');
  await userEvent.keyboard('{Enter}');
  await button.click();
  expect(onpath.mock.calls.flat()).toEqual(['/data/boots', '/data/boots']);
  given.busy = true;
  await expect.element(button).toBeDisabled();
  await expectAccessible();
});
