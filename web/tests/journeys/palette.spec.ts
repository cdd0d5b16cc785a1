/** The palette, on a slow line. */

import { expect, test } from '../support/test';

test('what is typed before the palette has come is searched for', async ({ page, api }) => {
  await api.experiment('typed early');
  let release: (() => void) | undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route(/Palette-[^/]*\.js$/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('/');
  await expect(page.getByRole('treegrid')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('typed ea');
  release?.();
  await expect(page.getByRole('option', { name: 'typed early' })).toBeVisible();
  await page.keyboard.type('rly');
  await expect(page.getByRole('combobox', { name: /^Search/ })).toHaveValue('typed early');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'typed early', level: 1 })).toBeVisible();
});
