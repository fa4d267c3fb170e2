/** Rows put in order by keys, by buttons and by the mouse; each move is announced, the focus goes along. */
import { createRawSnippet } from 'svelte';
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import SortableList from './SortableList.svelte';
import { moveTo } from './sortable.ts';
import { expectAccessible, show, text } from '../../../parts/testing.svelte.ts';

const head = createRawSnippet<[unknown, number]>((item) => ({
  render: () => `<strong>${String(item())}</strong>`,
  setup: (element) => {
    $effect(() => void (element.textContent = String(item())));
  },
}));

function list() {
  const { given } = show(SortableList, {
    label: 'Layers',
    items: ['conv', 'pool', 'dense'],
    name: (item: unknown) => String(item),
    ...{ head, actions: text(''), body: text('') },
    onmove: () => {},
  });
  const onmove = vi.fn((from: number, to: number) => {
    const next = [...given.items];
    moveTo(next, from, to);
    given.items = next;
  });
  given.onmove = onmove;
  const order = () =>
    page
      .getByRole('listitem')
      .elements()
      .map((row) => row.querySelector('strong')?.textContent);
  return { order, onmove };
}

it('moves a row with Alt and the arrow keys, says where it is, and keeps the focus on it', async () => {
  const { order, onmove } = list();
  (page.getByRole('button', { name: 'Move conv', exact: true }).element() as HTMLElement).focus();
  await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
  await expect.poll(order).toEqual(['pool', 'conv', 'dense']);
  await expect.element(page.getByRole('status')).toHaveTextContent('conv: place 2 of 3.');
  await expect.element(page.getByRole('button', { name: 'Move conv', exact: true })).toHaveFocus();
  await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}');
  await expect.poll(order).toEqual(['pool', 'dense', 'conv']);
  // There is no place below the last.
  await userEvent.keyboard('{Alt>}{ArrowDown}{/Alt}{ArrowUp}');
  expect(onmove.mock.calls).toEqual([
    [0, 1],
    [1, 2],
  ]);
});

it('moves a row by its buttons, of which those that lead nowhere are disabled', async () => {
  const { order } = list();
  await expect.element(page.getByRole('button', { name: 'Move conv up' })).toBeDisabled();
  await expect.element(page.getByRole('button', { name: 'Move dense down' })).toBeDisabled();
  await page.getByRole('button', { name: 'Move dense up' }).click();
  await expect.poll(order).toEqual(['conv', 'dense', 'pool']);
  await expectAccessible();
});

it('moves a row that is dragged by its handle', async () => {
  const { order, onmove } = list();
  const handle = page.getByRole('button', { name: 'Move conv', exact: true });
  await userEvent.dragAndDrop(handle, page.getByText('dense'), { targetPosition: { x: 4, y: 16 } });
  await expect.poll(order).toEqual(['pool', 'dense', 'conv']);
  expect(onmove.mock.calls).toEqual([[0, 2]]);
});
