/** A menu of things to add: opened, walked and taken by keys; what cannot be added says why. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import AddMenu from './AddMenu.svelte';
import { expectAccessible, show } from '../../../parts/testing.svelte.ts';

const groups = [
  {
    name: 'Colour',
    items: [
      { value: 'jitter', label: 'Colour jitter', about: 'Other colours.', refusal: 'Images are grey.' },
      { value: 'noise', label: 'Noise', about: 'A grain over the image.' },
    ],
  },
  { name: 'Place', items: [{ value: 'rotate', label: 'Rotate', about: 'By some degrees.' }] },
];

it('is opened, walked and taken by keys, and gives the focus back', async () => {
  const onadd = vi.fn();
  show(AddMenu, { label: 'Add an augmentation', groups, onadd });
  const trigger = page.getByRole('button', { name: 'Add an augmentation' });
  (trigger.element() as HTMLElement).focus();
  await userEvent.keyboard('{Enter}');
  await expect.element(page.getByRole('group', { name: 'Colour' })).toBeVisible();
  const refused = page.getByRole('menuitem', { name: /Colour jitter/ });
  await expect.element(refused).toHaveTextContent('Images are grey.');
  await expect.element(refused).toHaveAttribute('aria-disabled', 'true');
  // What cannot be added is passed over.
  await expect.element(page.getByRole('menuitem', { name: /Noise/ })).toHaveFocus();
  await userEvent.keyboard('{ArrowDown}');
  await expect.element(page.getByRole('menuitem', { name: /Rotate/ })).toHaveFocus();
  await userEvent.keyboard('{Enter}');
  expect(onadd.mock.calls).toEqual([['rotate']]);
  await expect.element(page.getByRole('menu')).not.toBeInTheDocument();
  await expect.element(trigger).toHaveFocus();
});

it('adds nothing where it is left with Escape, and has a name where it is a plus alone', async () => {
  const onadd = vi.fn();
  show(AddMenu, { label: 'Add a layer here', groups, compact: true, onadd });
  await expectAccessible();
  await page.getByRole('button', { name: 'Add a layer here' }).click();
  await expect.element(page.getByRole('menu')).toBeVisible();
  await userEvent.keyboard('{Escape}');
  await expect.element(page.getByRole('menu')).not.toBeInTheDocument();
  expect(onadd).not.toHaveBeenCalled();
});
