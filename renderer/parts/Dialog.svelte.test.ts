/** A dialog: named, closed by Escape or its button, the focus kept inside and given back. */
import './form/control.css';
import { createRawSnippet } from 'svelte';
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import Button from './Button.svelte';
import Dialog from './Dialog.svelte';
import { expectAccessible, show, text } from './testing.svelte.ts';

const fields = createRawSnippet(() => ({
  render: () =>
    '<div><label>Name <input class="control" data-autofocus></label> <label>Note <input class="control"></label></div>',
}));

it('has its title as its name, takes the focus where it is told to, and gives it back', async () => {
  show(Button, { children: text('Open') });
  const opener = page.getByRole('button', { name: 'Open' });
  (opener.element() as HTMLElement).focus();
  const { given } = show(Dialog, { open: false, title: 'Rename', onclose: () => {}, children: fields });
  given.open = true;
  const dialog = page.getByRole('dialog', { name: 'Rename' });
  await expect.element(dialog).toBeVisible();
  await expect.element(page.getByRole('textbox', { name: 'Name' })).toHaveFocus();
  await expectAccessible();
  given.open = false;
  await expect.element(dialog).not.toBeInTheDocument();
  await expect.element(opener).toHaveFocus();
});

it('keeps the focus inside, all the way round', async () => {
  show(Dialog, { open: true, title: 'Rename', onclose: () => {}, children: fields });
  const box = page.getByRole('textbox', { name: 'Name' });
  await expect.element(box).toHaveFocus();
  await userEvent.tab();
  await expect.element(page.getByRole('textbox', { name: 'Note' })).toHaveFocus();
  await userEvent.tab();
  await expect.element(page.getByRole('button', { name: 'Close' })).toHaveFocus();
  await userEvent.tab();
  await expect.element(box).toHaveFocus();
  await userEvent.tab({ shift: true });
  await expect.element(page.getByRole('button', { name: 'Close' })).toHaveFocus();
});

it('is closed by Escape and by its button, and stays where its owner leaves it open', async () => {
  const onclose = vi.fn();
  show(Dialog, { open: true, title: 'Rename', note: '2 of 3', onclose, children: text('Inside') });
  await expect.element(page.getByText('2 of 3')).toBeVisible();
  // Without a control to begin with, the dialog itself has the focus.
  await expect.element(page.getByRole('dialog', { name: 'Rename' })).toHaveFocus();
  await userEvent.keyboard('{Escape}');
  await expect.poll(() => onclose.mock.calls.length).toBe(1);
  await page.getByRole('button', { name: 'Close' }).click();
  await expect.poll(() => onclose.mock.calls.length).toBe(2);
  await expect.element(page.getByText('Inside')).toBeVisible();
});

it('hears keys while it is open', async () => {
  const onkeydown = vi.fn((event: KeyboardEvent) => void event.preventDefault());
  show(Dialog, {
    open: true,
    title: 'Image',
    wide: true,
    onclose: () => {},
    onkeydown,
    children: text('One'),
  });
  await expect.element(page.getByRole('dialog', { name: 'Image' })).toHaveFocus();
  await userEvent.keyboard('{ArrowRight}');
  expect(onkeydown.mock.calls.map(([{ key }]) => key)).toEqual(['ArrowRight']);
});
