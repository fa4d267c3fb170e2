/** What `npm start` opens: the sample, and a first training that is seen without touching anything. */
import { enter } from './rooms.ts';
import { expect, test } from './studio.ts';

test('the first start shows the sample and its first training under way', async ({ open }) => {
  const { page } = await open({ sample: true });
  await expect(page.getByRole('region', { name: 'Project in figures' })).toContainText(
    /(70,000|2,500) images/,
    {
      timeout: 60_000,
    },
  );
  await enter(page, 'Train');
  await expect(page.getByRole('button', { name: 'Cancel training' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('Time left')).toBeVisible();
  await page.getByRole('button', { name: 'Cancel training' }).click();
  await expect(page.getByText(/Cancelled after \d+ epochs?/)).toBeVisible({ timeout: 30_000 });
});
