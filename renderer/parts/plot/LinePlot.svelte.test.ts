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

it('keeps its key off a title that leaves little room for it', async () => {
  const title = 'Share right, expected calibration error 12.30 %';
  const { target } = show(LinePlot, {
    ...{ ...properties, title },
    series: [
      { name: 'images', points },
      { name: 'perfect', points },
    ],
  });
  for (const width of [288, 320, 640]) {
    target.style.width = `${width}px`;
    const { right, bottom } = page.getByText(title).element().getBoundingClientRect();
    for (const name of ['images', 'perfect']) {
      const key = page.getByText(name).element().getBoundingClientRect();
      expect(key.left >= right || key.top >= bottom, `${name} at ${width}`).toBe(true);
    }
  }
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
