/** A number pushed on a slider or typed beside it. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import SliderField from './SliderField.svelte';
import { expectAccessible, show } from '../../../parts/testing.svelte.ts';

it('a number on a slider is pushed by keys or typed exactly, and refused beside the slider', async () => {
  const onchange = vi.fn();
  const { given } = show(SliderField, {
    label: 'Degrees',
    name: 'Rotate: degrees',
    value: 10,
    bounds: { min: 0, max: 180 },
    span: [0, 45],
    step: 1,
    unit: '°',
    onchange,
  });
  onchange.mockImplementation((value: number) => (given.value = value));
  const slider = page.getByRole('slider', { name: 'Rotate: degrees, slider' });
  const box = page.getByRole('spinbutton', { name: 'Rotate: degrees' });
  await expect.element(slider).toHaveAttribute('aria-valuetext', '10 °');
  (slider.element() as HTMLInputElement).focus();
  await userEvent.keyboard('{ArrowRight}');
  await expect.element(box).toHaveValue('11');
  // Beyond what the slider covers, and within the bounds.
  await box.fill('120');
  await userEvent.keyboard('{Enter}');
  expect(onchange.mock.calls.flat()).toEqual([11, 120]);
  await expect.element(slider).toHaveValue('45');
  await box.fill('181');
  await userEvent.keyboard('{Enter}');
  await expect
    .element(page.getByRole('alert'))
    .toHaveTextContent('A number from 0 to 180 ° is expected, not 181. It stays 120 °.');
  await expectAccessible();
});

it('a slider that is even on the logarithm has its middle at the geometric mean, and off at its end', async () => {
  const onchange = vi.fn();
  const { given } = show(SliderField, {
    ...{ label: 'Weight decay', value: 0.01, bounds: { min: 0 }, span: [0.0001, 1] as const },
    ...{ logarithmic: true, onchange },
  });
  onchange.mockImplementation((value: number) => (given.value = value));
  const slider = page.getByRole('slider', { name: 'Weight decay, slider' });
  await expect.element(slider).toHaveValue('0.5');
  (slider.element() as HTMLInputElement).focus();
  await userEvent.keyboard('{End}{Home}');
  expect(onchange.mock.calls.flat()).toEqual([1, 0]);
});
