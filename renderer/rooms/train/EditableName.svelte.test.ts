/** A name changed where it stands, and where the focus is afterwards. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import EditableName from './EditableName.svelte';
import { expectAccessible, show } from '../../parts/testing.svelte.ts';

function name() {
  const onrename = vi.fn();
  show(EditableName, { value: 'Run 1', label: 'Name of the run', onrename });
  const pencil = page.getByRole('button', { name: 'Rename Run 1' });
  const box = page.getByRole('textbox', { name: 'Name of the run' });
  return { onrename, pencil, box };
}

it('is taken with Enter, without the blanks around it, and the pencil has the focus again', async () => {
  const { onrename, pencil, box } = name();
  await pencil.click();
  await expect.element(box).toHaveFocus();
  await expectAccessible();
  // All of it is chosen: what is typed takes its place.
  await userEvent.keyboard(' Wide {Enter}');
  expect(onrename.mock.calls).toEqual([['Wide']]);
  await expect.element(pencil).toHaveFocus();
  await expectAccessible();
});

it('stays as it was with Escape, unchanged or empty', async () => {
  const { onrename, pencil, box } = name();
  for (const keys of ['Other{Escape}', '{Enter}', '{Delete}{Enter}', '   {Enter}']) {
    await pencil.click();
    await expect.element(box).toHaveFocus();
    await userEvent.keyboard(keys);
    await expect.element(box).not.toBeInTheDocument();
    await expect.element(pencil).toHaveFocus();
  }
  expect(onrename).not.toHaveBeenCalled();
});

it('is taken, once, where the box is left', async () => {
  const { onrename, pencil, box } = name();
  await pencil.click();
  await expect.element(box).toHaveFocus();
  await userEvent.keyboard('Left');
  await userEvent.tab();
  await expect.element(box).not.toBeInTheDocument();
  expect(onrename.mock.calls).toEqual([['Left']]);
});

it('keeps its keys to itself', async () => {
  const { pencil, box } = name();
  const heard = vi.fn();
  window.addEventListener('keydown', heard);
  await pencil.click();
  await expect.element(box).toHaveFocus();
  heard.mockClear();
  await userEvent.keyboard('1{Escape}');
  expect(heard).not.toHaveBeenCalled();
  window.removeEventListener('keydown', heard);
});
