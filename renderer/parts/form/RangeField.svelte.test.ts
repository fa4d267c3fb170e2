/** A share or size on a scale. */
import { expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import RangeField from './RangeField.svelte';
import { expectAccessible, show } from '../testing.svelte.ts';

it('a share on a scale tells where it stands', async () => {
  const oninput = vi.fn();
  show(RangeField, {
    ...{ label: 'Strength', value: 2, min: 0, max: 4, step: 1, shown: '50 %', oninput },
  });
  const slider = page.getByRole('slider', { name: 'Strength' });
  (slider.element() as HTMLInputElement).focus();
  await userEvent.keyboard('{ArrowRight}');
  expect(oninput.mock.calls).toEqual([[3]]);
  await expect.element(page.getByRole('status')).toHaveTextContent('50 %');
  await expectAccessible();
});
