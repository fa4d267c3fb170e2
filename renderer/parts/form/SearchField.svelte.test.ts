/** A search box: reached by a command, emptied with Escape. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { searchBox } from '../../stores.ts';
import SearchField from './SearchField.svelte';
import { expectAccessible, show } from '../testing.svelte.ts';

it('is where the command to find by typing brings the focus, and tells what is typed and what was found', async () => {
  const { given } = show(SearchField, { label: 'Find a class', value: '', found: '', oninput: () => {} });
  const oninput = vi.fn((value: string) => Object.assign(given, { value, found: `${value.length} found` }));
  given.oninput = oninput;
  const box = page.getByRole('searchbox', { name: 'Find a class' });
  await expect.element(page.getByText('/')).toBeVisible();
  await expectAccessible();
  expect(searchBox.current).toBe(box.element());
  searchBox.current?.focus();
  await userEvent.keyboard('a/');
  await expect.element(box).toHaveValue('a/');
  await expect.element(page.getByText('2 found')).toBeVisible();
  await expectAccessible();
});

it('is emptied with Escape, which goes no further while there is text', async () => {
  const { given } = show(SearchField, { label: 'Find', value: 'boot', oninput: () => {} });
  given.oninput = (value: string) => (given.value = value);
  const heard = vi.fn();
  window.addEventListener('keydown', heard);
  const box = page.getByRole('searchbox', { name: 'Find' });
  (box.element() as HTMLElement).focus();
  await userEvent.keyboard('{Escape}');
  await expect.element(box).toHaveValue('');
  expect(heard).not.toHaveBeenCalled();
  await userEvent.keyboard('{Escape}');
  expect(heard).toHaveBeenCalledTimes(1);
  window.removeEventListener('keydown', heard);
});

it('hands on the keys that choose among what was found', async () => {
  const onkeydown = vi.fn();
  show(SearchField, { label: 'Find', value: 'boot', oninput: () => {}, onkeydown });
  (page.getByRole('searchbox', { name: 'Find' }).element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowDown}{Enter}');
  expect(onkeydown.mock.calls.map(([{ key }]) => key)).toEqual(['ArrowDown', 'Enter']);
});
