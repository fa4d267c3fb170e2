/** A still plot: what is drawn, and a value of x taken from it by the mouse or by keys. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import LinePlot from './LinePlot.svelte';
import { expectAccessible, show } from './testing.svelte.ts';

const points = Array.from({ length: 11 }, (_, x) => ({ x, y: (x - 4) ** 2 }));
const properties = {
  label: 'Loss by learning rate',
  series: [{ name: 'Loss', points }],
  x: 'rate',
  y: 'loss',
};

it('is an image with a name where nothing is taken from it, and has a key where it has two lines', async () => {
  const { given, target } = show(LinePlot, properties);
  await expect.element(page.getByRole('img', { name: 'Loss by learning rate' })).toBeVisible();
  expect(target.querySelectorAll('path.line')).toHaveLength(1);
  given.series = [...properties.series, { name: 'Smoothed', points }];
  await expect.element(page.getByText('Smoothed')).toBeVisible();
  expect(target.querySelectorAll('path.line')).toHaveLength(2);
  await expectAccessible();
});

it('gives a value of x by keys: from the mark, by one, by ten, and to the ends', async () => {
  const onpick = vi.fn();
  show(LinePlot, { ...properties, mark: { x: 4, label: 'chosen' }, onpick });
  const plot = page.getByRole('slider', { name: 'Loss by learning rate' });
  await expect.element(page.getByText('chosen')).toBeVisible();
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
  const size = () => target.querySelector('svg')!.getBoundingClientRect();
  await expect.poll(() => size().width).toBe(target.querySelector('figure')!.clientWidth);
  const { width, height } = size();
  // 48 pixels to the left of the plot and 12 to its right are its margins.
  const placeOf = (x: number) => 48 + ((width - 48 - 12) * x) / 10;
  await page
    .getByRole('slider', { name: 'Loss by learning rate' })
    .click({ position: { x: placeOf(7.2), y: height / 2 } });
  expect(onpick.mock.calls).toEqual([[7]]);
});
