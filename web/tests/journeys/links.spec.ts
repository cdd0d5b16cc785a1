/** Old links: what MLflow's client prints and people keep opens the right page. */

import { expect, test } from '../support/test';

test('links of the Python client open the experiment and the run', async ({ page, api }) => {
  const experiment = await api.experiment('links/client');
  const run = await api.run(experiment, 'linked-run');

  await page.goto(`/#/experiments/${experiment}/runs/${run}`);
  await expect(page.getByRole('heading', { name: 'linked-run' })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(`/runs/${run}`);
  expect(new URL(page.url()).hash).toBe('');

  await page.goto(`/#/experiments/${experiment}?workspace=default`);
  await expect(page.getByRole('heading', { name: 'links/client' })).toBeVisible();
  await expect(page.getByRole('grid').getByRole('link', { name: 'linked-run' })).toBeVisible();

  await page.goto(`/#/experiments/${experiment}/evaluation-runs?selectedRunUuid=${run}`);
  await expect(page.getByRole('heading', { name: 'linked-run' })).toBeVisible();
});

test('links of the pages of MLflow open ours', async ({ page, api }) => {
  const experiment = await api.experiment('links/pages');
  const metrics = [0, 1, 2].map((step) => ({
    key: 'val/loss',
    value: 1 / (step + 1),
    step,
    timestamp: 1000 + step,
  }));
  const first = await api.run(experiment, 'first', { params: { lr: '0.1' }, metrics });
  const second = await api.run(experiment, 'second', { params: { lr: '0.2' }, metrics });
  await api.upload(experiment, first, 'plots/a b.txt', 'hello from the artifact');
  const list = (...ids: string[]) => encodeURIComponent(JSON.stringify(ids));

  await page.goto(`/#/experiments/${experiment}/runs/${first}/artifacts/plots/a%20b.txt`);
  await expect(page.getByText('hello from the artifact')).toBeVisible();

  await page.goto(`/#/experiments/${experiment}/runs/${first}/model-metrics`);
  await expect(page).toHaveURL(new RegExp(`/runs/${first}/charts`));

  await page.goto(
    `/#/metric/val%2Floss?runs=${list(first, second)}&metric=%22val%2Floss%22&experiments=${list(experiment)}`,
  );
  await expect(page.getByRole('heading', { name: 'val/loss' })).toBeVisible();

  // Encoded twice, as chats and mails do.
  await page.goto(
    `/#/compare-runs?runs=${encodeURIComponent(list(first, second))}&experiments=${list(experiment)}`,
  );
  await expect(page.getByRole('link', { name: 'first' }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'second' }).first()).toBeVisible();

  const filter = encodeURIComponent("params.lr = '0.2'");
  await page.goto(
    `/#/experiments/${experiment}/runs?searchFilter=${filter}&orderByKey=metrics.%60val/loss%60&orderByAsc=true`,
  );
  await expect(page.getByRole('grid').getByRole('link', { name: 'second' })).toBeVisible();
  await expect(page.getByRole('grid').getByRole('link', { name: 'first' })).toHaveCount(0);
});

test('a link pasted into an open page works, and one that nothing knows says so', async ({ page, api }) => {
  const experiment = await api.experiment('links/pasted');
  const run = await api.run(experiment, 'pasted-run');
  await page.goto('/');
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#/experiments/${experiment}/runs/${run}`);
  await expect(page.getByRole('heading', { name: 'pasted-run' })).toBeVisible();

  await page.goto('/#/nothing/of/the/kind');
  await expect(page.getByRole('heading', { name: 'Experiments' })).toBeVisible();
  await expect(page.getByText(/nothing\/of\/the\/kind/)).toBeVisible();
});

test('unknown pages say so; unknown calls get JSON', async ({ page, request, watched }) => {
  watched.mayFail.push(/no-such-page/, /does-not-exist/);
  await page.goto('/no-such-page');
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  const answer = await request.get('/api/2.0/mlflow/does-not-exist', { headers: { Accept: 'text/html' } });
  expect(answer.status()).toBe(404);
  expect((await answer.json()) as object).toMatchObject({ error_code: 'ENDPOINT_NOT_FOUND' });
});
