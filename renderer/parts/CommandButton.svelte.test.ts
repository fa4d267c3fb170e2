/** The button of a command: its words, its key, and whether it can be pressed, with the reason. */
import X from '@lucide/svelte/icons/x';
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { Command } from '../commands/command.ts';
import CommandButton from './CommandButton.svelte';
import { expectAccessible, show } from './testing.svelte.ts';

function command(when: () => true | string) {
  const run = vi.fn();
  const one: Command = {
    id: 'test.clear',
    label: 'Clear the selection',
    short: 'Clear',
    icon: X,
    shortcuts: ['Mod+Shift+X'],
    when,
    run,
  };
  return { run, one };
}

it('does it, with its words, its icon and its key', async () => {
  const { run, one } = command(() => true);
  show(CommandButton, { command: one });
  const button = page.getByRole('button', { name: 'Clear', exact: true });
  await expect.element(button).toHaveAttribute('title', 'Clear the selection (Ctrl+Shift+X)');
  await expect.element(button).toHaveAttribute('aria-keyshortcuts', 'Control+Shift+X');
  expect(button.element().querySelector('svg')).not.toBeNull();
  await expectAccessible();
  await userEvent.click(button);
  expect(run).toHaveBeenCalledOnce();
});

it('cannot be pressed while the command cannot be done, and says why', async () => {
  const state = $state({ can: 'No image is selected' as true | string });
  const { one } = command(() => state.can);
  show(CommandButton, { command: one });
  const button = page.getByRole('button', { name: 'Clear', exact: true });
  await expect.element(button).toBeDisabled();
  await expect.element(button).toHaveAttribute('title', 'No image is selected');
  state.can = true;
  await expect.element(button).toBeEnabled();
});

it('shows only its icon where that is asked for, and is still called by its words', async () => {
  const { run, one } = command(() => true);
  const first = vi.fn();
  show(CommandButton, { command: one, icon: true, onclick: first });
  const button = page.getByRole('button', { name: 'Clear', exact: true });
  await expect.element(button).toHaveTextContent('');
  await expectAccessible();
  await userEvent.click(button);
  expect(first.mock.invocationCallOrder[0]).toBeLessThan(run.mock.invocationCallOrder[0]!);
});
