/** A server that is stopped, slow, or says no: the page tells what happened, and recovers by itself. */

import { expect } from '@playwright/test';
import { Api } from '../support/api';
import { FaultyProxy } from '../support/proxy';
import { Server } from '../support/server';
import { test } from '../support/test';

test('a stopped server is told, nothing is lost, and the page goes on when it is back', async ({
  page,
  watched,
}) => {
  watched.mayFail.push(/./);
  const server = await Server.start();
  try {
    const api = new Api(server.url);
    const experiment = await api.experiment('faults/stopped');
    await api.run(experiment, 'before-the-stop');
    await page.goto(`${server.url}/experiments/${experiment}`);
    const row = page.getByRole('grid').getByRole('link', { name: 'before-the-stop' });
    await expect(row).toBeVisible();

    await server.stop();
    await page.getByRole('link', { name: 'Experiments' }).first().click();
    await expect(page.getByText(/The server does not answer/).first()).toBeVisible({ timeout: 15_000 });
    await page.goBack();
    await expect(row).toBeVisible();

    await server.resume();
    await expect(page.getByText(/The server does not answer/)).toHaveCount(0, { timeout: 40_000 });
    await page.getByRole('link', { name: 'Experiments' }).first().click();
    await expect(page.getByText('faults', { exact: false }).first()).toBeVisible();
  } finally {
    await server.remove();
  }
});

test.describe('behind a gateway', () => {
  let proxy: FaultyProxy;
  test.beforeEach(async ({ demo }) => {
    proxy = await FaultyProxy.start(demo.url);
  });
  test.afterEach(async () => {
    await proxy.stop();
  });

  test('a slow server: the shape of the page is there meanwhile', async ({ page, api }) => {
    const experiment = await api.experiment('faults/slow');
    await api.run(experiment, 'slow-run');
    proxy.fault = { path: /\/api\/oxflow\/v1\/runs\//, delayMs: 1500 };
    await page.goto(`${proxy.url}/experiments/${experiment}`);
    await expect(page.locator('[aria-busy="true"]').first()).toBeVisible();
    await expect(page.getByRole('grid').getByRole('link', { name: 'slow-run' })).toBeVisible();
  });

  for (const [status, code, told] of [
    [403, 'PERMISSION_DENIED', 'You have no permission for this'],
    [500, 'INTERNAL_ERROR', 'The server could not do this'],
  ] as const) {
    test(`${status}: what the server said, and a way on`, async ({ page, api, watched }) => {
      watched.mayFail.push(/./);
      const experiment = await api.experiment(`faults/${status}`);
      const run = await api.run(experiment, `run-of-${status}`);
      proxy.fault = { path: /runs\/get/, status, code, message: 'said by the server' };
      await page.goto(`${proxy.url}/runs/${run}`);
      const alert = page.getByRole('alert').first();
      await expect(alert).toContainText(told, { timeout: 20_000 });
      await expect(alert).toContainText('said by the server');
      proxy.fault = null;
      await alert.getByRole('button', { name: 'Try again' }).click();
      await expect(page.getByRole('heading', { name: `run-of-${status}` })).toBeVisible();
    });
  }
});

test('what does not exist is named', async ({ page, watched }) => {
  watched.mayFail.push(/./);
  await page.goto('/runs/00000000000000000000000000000000');
  await expect(page.getByRole('alert').first()).toContainText('00000000000000000000000000000000');
  await page.goto('/experiments/987654321');
  await expect(page.getByRole('alert').first()).toContainText('987654321');
});
