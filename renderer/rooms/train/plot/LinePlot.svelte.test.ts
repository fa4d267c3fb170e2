/** A small plot: what it is called, and a value of x taken from it by the mouse or by keys. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { expectAccessible, show } from '../../../testing/parts.svelte.ts';
import LinePlot from './LinePlot.svelte';

const points = Array.from({ length: 11 }, (_, x) => ({ x, y: (x - 4) ** 2 }));
const properties = {
  ...{ label: 'Loss by learning rate', title: 'Loss', series: [{ name: 'Loss', points }], x: 'rate' },
};

it('is an image with a name where nothing is taken from it, and has a key where it has two lines', async () => {
  const { given, target } = show(LinePlot, properties);
  await expect.element(page.getByRole('img', { name: 'Loss by learning rate' })).toBeVisible();
  await expect.poll(() => drawn(target)).toBe(true);
  given.series = [...properties.series, { name: 'Smoothed', points }];
  await expect.element(page.getByText('Smoothed')).toBeVisible();
  await expectAccessible();
});

/** Whether anything is on the canvas. */
function drawn(target: HTMLElement): boolean {
  const canvas = target.querySelector('canvas')!;
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value !== 0);
}

it('gives a value of x by keys: from the mark, by one, by ten, and to the ends', async () => {
  const onpick = vi.fn();
  show(LinePlot, { ...properties, mark: { x: 4, label: 'chosen' }, onpick });
  const plot = page.getByRole('slider', { name: 'Loss by learning rate' });
  await expect.element(plot).toHaveAttribute('aria-valuetext', 'none chosen');
  (plot.element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(plot).toHaveAttribute('aria-valuetext', 'rate 5, loss 1');
  await userEvent.keyboard('{Enter}{PageUp}{Enter}{Home}{Enter}{End}{Enter}');
  expect(onpick.mock.calls.flat()).toEqual([5, 10, 0, 10]);
  await expectAccessible();
});

it('gives the nearest value of x to a click', async () => {
  const onpick = vi.fn();
  const { target } = show(LinePlot, { ...properties, onpick });
  await expect.poll(() => drawn(target)).toBe(true);
  const plot = page.getByRole('slider', { name: 'Loss by learning rate' });
  const { width, height } = plot.element().getBoundingClientRect();
  for (const x of [2, width - 2]) await plot.click({ position: { x, y: height / 2 } });
  expect(onpick.mock.calls).toEqual([[0], [10]]);
});
