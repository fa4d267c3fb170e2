/** The engine may die; the window does not. It says what happened, keeps the project, and the next training works. */
import { enter, train } from './rooms.ts';
import { expect, test } from './studio.ts';

test('a killed worker is told, the project is intact and the next training works', async ({
  open,
  trained,
}) => {
  const { page, workers } = await open({ project: trained });
  await train(page, 50);
  await expect(page.getByRole('img', { name: /^Loss:/ })).toHaveAccessibleName(/after [1-9]\d* epochs/, {
    timeout: 60_000,
  });
  const killed = workers();
  expect(killed.length).toBeGreaterThan(0);
  for (const pid of killed) process.kill(pid, 'SIGKILL');

  await expect(page.getByText('This run stopped.')).toBeVisible();
  await expect(page.getByText('WORKER_DIED').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();

  await enter(page, 'Data');
  await expect(page.getByRole('region', { name: 'Project in figures' })).toContainText('2,500 images');
  await enter(page, 'Label');
  await page.getByRole('grid', { name: 'Images to label' }).getByRole('gridcell').first().click();
  await page.keyboard.press('2');
  await expect(page.getByRole('status', { name: 'Saved state' })).toContainText('All changes saved');

  await train(page, 2);
  await expect(page.getByText(/Finished after 2 epochs/)).toBeVisible({ timeout: 60_000 });
});

test('a training goes on while the window is reloaded, and can be cancelled', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await train(page, 60);
  await page.reload();
  await enter(page, 'Train');
  const chart = page.getByRole('img', { name: /^Loss:/ });
  await expect(chart).toHaveAccessibleName(/after [2-9]\d* epochs/, { timeout: 60_000 });
  await page.getByRole('button', { name: 'Cancel training' }).click();
  await expect(page.getByText(/Cancelled after \d+ epochs?/)).toBeVisible();
});
