/** What next: the list in Judge, merging two classes, and a learning curve that is planned, trained and drawn. */
import { enter, findings as faultsOfPage } from './rooms.ts';
import { expect, test } from './studio.ts';

test('says what would make a run better, and leads there', async ({ open, trained }) => {
  const { page } = await open({ project: trained });
  await enter(page, 'Judge');
  await page.getByRole('tab', { name: 'Improve' }).click();
  const next = page.getByRole('region', { name: 'What next' });
  await expect(next.getByRole('listitem').first()).toBeVisible();
  await expect(next.getByText('Look for label errors, leaks and shortcuts')).toBeVisible();

  expect(await faultsOfPage(page)).toEqual([]);

  // Merging the pair that gains most says by how much.
  const whatIf = page.getByRole('region', { name: 'Merge or drop classes' });
  await whatIf
    .getByRole('button', { name: /\+ .* \+\d/ })
    .first()
    .click();
  await expect(whatIf.getByRole('status')).toHaveText(
    /Accuracy [\d.]+.% → [\d.]+.% .* macro F1 [\d.]+.% → [\d.]+.%/,
  );
  await expect(whatIf.getByRole('checkbox', { name: /^Merge/, checked: true })).toHaveCount(2);
  await whatIf.getByRole('button', { name: 'As they are' }).click();
  await expect(whatIf.getByRole('checkbox', { checked: true })).toHaveCount(0);

  // From the list to the plan of a learning curve, which says how many trainings it is before it starts.
  await next.getByRole('button', { name: /^Learning curve: / }).click();
  await expect(page.getByRole('heading', { name: 'New study' })).toBeVisible();
  await expect(page.getByText(/^15 trainings/)).toBeVisible();
  await page.getByLabel('Parts of the training images in %').fill('25, 50, 75, 100');
  await page.getByLabel('Seeds').fill('1');
  await expect(page.getByText(/^4 trainings/)).toBeVisible();
});
