/** Numbers typed, stepped and refused, with the keys and the words that a person has for it. */
import { describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import NumberField from './NumberField.svelte';
import { expectAccessible, show } from '../testing.svelte.ts';

const whole = { label: 'Epochs', bounds: { min: 1, max: 64, whole: true } };

describe('a number', () => {
  it('is taken when it is typed and left', async () => {
    const onchange = vi.fn();
    show(NumberField, { ...whole, value: 8, onchange });
    const box = page.getByRole('spinbutton', { name: 'Epochs' });
    await box.fill('12');
    await userEvent.tab();
    expect(onchange.mock.calls).toEqual([[12]]);
  });

  it.each([
    ['100', 'A whole number from 1 to 64 is expected, not 100. It stays 8.'],
    ['2.5', 'A whole number from 1 to 64 is expected, not 2.5. It stays 8.'],
    ['many', 'A whole number from 1 to 64 is expected, not “many”. It stays 8.'],
    ['', 'A whole number from 1 to 64 is expected; the box was empty. It stays 8.'],
  ])('typed as “%s” is refused in words, and the old one comes back', async (typed, words) => {
    const onchange = vi.fn();
    const { given } = show(NumberField, { ...whole, value: 8, onchange });
    const box = page.getByRole('spinbutton', { name: 'Epochs' });
    await box.fill(typed);
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('alert')).toHaveTextContent(words);
    await expect.element(box).toHaveValue('8');
    await expect.element(box).toHaveAccessibleDescription(words);
    await expect.element(box).toHaveAttribute('aria-invalid', 'true');
    expect(onchange).not.toHaveBeenCalled();
    // Another value, from wherever, makes the refusal void.
    given.value = 9;
    await expect.element(page.getByRole('alert')).not.toBeInTheDocument();
  });

  it('steps with the arrow keys, ten times as far with Page Up, and stops at its bounds', async () => {
    const onchange = vi.fn();
    const { given } = show(NumberField, { ...whole, value: 8, onchange });
    onchange.mockImplementation((value: number) => (given.value = value));
    const box = page.getByRole('spinbutton', { name: 'Epochs' });
    await box.click();
    await userEvent.keyboard('{ArrowUp}');
    await expect.element(box).toHaveValue('9');
    await userEvent.keyboard('{PageUp}');
    await expect.element(box).toHaveValue('19');
    await userEvent.keyboard('{PageDown}{PageDown}{ArrowDown}');
    await expect.element(box).toHaveValue('1');
    expect(onchange.mock.calls.at(-1)).toEqual([1]);
  });

  it('without a step of its own goes along 1, 2, 3, 5, 7 times a power of ten', async () => {
    const onchange = vi.fn();
    const { given } = show(NumberField, { label: 'Rate', value: 0.007, bounds: { min: 0 }, onchange });
    onchange.mockImplementation((value: number) => (given.value = value));
    await page.getByRole('spinbutton', { name: 'Rate' }).click();
    await userEvent.keyboard('{ArrowUp}{ArrowUp}{ArrowDown}');
    expect(onchange.mock.calls.flat()).toEqual([0.01, 0.02, 0.01]);
  });

  it('in per cent is shown a hundred times as large and given as a share', async () => {
    const onchange = vi.fn();
    show(NumberField, {
      ...{ label: 'Dropout', value: 0.25, bounds: { min: 0, max: 0.9 }, percent: true, onchange },
    });
    const box = page.getByRole('spinbutton', { name: 'Dropout' });
    await expect.element(box).toHaveValue('25');
    await expect.element(box).toHaveAttribute('aria-valuetext', '25 %');
    await expect.element(box).toHaveAttribute('aria-valuemax', '90');
    await box.fill('40 %');
    await userEvent.keyboard('{Enter}');
    expect(onchange.mock.calls).toEqual([[0.4]]);
  });

  it('is named and described for everybody, also with its label for readers only', async () => {
    const { given } = show(NumberField, {
      ...{ ...whole, value: 8, unit: 'epochs', hint: 'Times through the images.', onchange: () => {} },
    });
    const box = page.getByRole('spinbutton', { name: 'Epochs' });
    await expect.element(box).toHaveAccessibleDescription('Times through the images.');
    await expectAccessible();
    given.hidden = true;
    await expect.element(box).toBeVisible();
    await expectAccessible();
    given.disabled = true;
    await expect.element(box).toBeDisabled();
  });
});
