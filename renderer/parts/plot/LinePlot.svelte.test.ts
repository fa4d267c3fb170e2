/** A still plot: what is drawn, and a value of x taken from it by the mouse or by keys. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import LinePlot from './LinePlot.svelte';
import { expectAccessible, show } from '../testing.svelte.ts';

const points = Array.from({ length: 11 }, (_, x) => ({ x, y: (x - 4) ** 2 }));
const properties = {
  label: 'Loss by learning rate',
  series: [{ name: 'Loss', points }],
  title: 'Loss',
  x: 'rate',
};

it('is an image with a name where nothing is taken from it, and has a key where it has two lines', async () => {
  const { given } = show(LinePlot, properties);
  await expect.element(page.getByRole('img', { name: 'Loss by learning rate' })).toBeVisible();
  await expect.element(page.getByText('Smoothed')).not.toBeInTheDocument();
  given.series = [...properties.series, { name: 'Smoothed', points }];
  await expect.element(page.getByText('Smoothed')).toBeVisible();
  await expectAccessible();
});

it('has its key below a title that leaves no room for it', async () => {
  const title = 'Share right, expected calibration error 12.30 %';
  const { target } = show(LinePlot, {
    ...{ ...properties, title },
    series: [
      { name: 'images', points },
      { name: 'perfect', points },
    ],
  });
  target.style.width = '288px';
  const right = page.getByText(title).element().getBoundingClientRect();
  const key = page.getByText('images').element().getBoundingClientRect();
  expect(key.top).toBeGreaterThanOrEqual(right.bottom);
  target.style.width = '640px';
  const beside = page.getByText('images').element().getBoundingClientRect();
  expect(beside.left).toBeGreaterThan(page.getByText(title).element().getBoundingClientRect().right);
});

it('gives a value of x by keys: from the mark, by one, by ten, and to the ends', async () => {
  const onpick = vi.fn();
  show(LinePlot, { ...properties, mark: { x: 4, label: 'chosen' }, onpick });
  const plot = page.getByRole('slider', { name: 'Loss by learning rate' });
  (plot.element() as HTMLElement).focus();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(plot).toHaveAttribute('aria-valuenow', '5');
  await userEvent.keyboard('{Enter}{PageUp}{Enter}{Home}{Enter}{End}{Enter}');
  expect(onpick.mock.calls.flat()).toEqual([5, 10, 0, 10]);
  await expectAccessible();
});
