/** A model of a run gets into the registry. */

import { expect, expectAccessible, test } from '../support/test';

test('a model of a run becomes a version, of a new registered model and then of that', async ({
  page,
  api,
}) => {
  const experiment = await api.experiment('register');
  const history = JSON.stringify([{ artifact_path: 'model' }]);
  const run = await api.run(experiment, 'trained', { tags: { 'mlflow.log-model.history': history } });
  await api.upload(experiment, run, 'model/MLmodel', 'flavors: {}\n');
  await page.goto(`/runs/${run}`);
  for (const version of [1, 2]) {
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Register a model…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Register a model' });
    const field = dialog.getByRole('combobox', { name: 'Registered model' });
    await field.fill('web-forest-of-tests');
    await expect(field).toHaveAccessibleDescription(
      version === 1 ? /new registered model/ : /another version/,
    );
    if (version === 1) await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Register', exact: true }).click();
    const done = page.getByRole('dialog', { name: 'Registered' });
    await expect(done.getByText(`models:/web-forest-of-tests/${version}`)).toBeVisible();
    await done.getByRole('button', { name: 'Close' }).last().click();
  }
  const models = page.getByRole('region', { name: /^Models/ });
  await expect(models.getByText('version 2', { exact: true })).toBeVisible();
});

test('a logged model is registered by its id; a run without models offers nothing', async ({ page, api }) => {
  const experiment = await api.experiment('register logged');
  const run = await api.run(experiment, 'logged', { status: 'RUNNING' });
  const { model } = await api.call<{ model: { info: { model_id: string } } }>('POST', 'logged-models', {
    experiment_id: experiment,
    name: 'net',
    source_run_id: run,
  });
  const id = model.info.model_id;
  await api.call('PATCH', `logged-models/${id}`, { model_id: id, status: 'LOGGED_MODEL_READY' });
  await api.call('POST', 'runs/outputs', { run_id: run, models: [{ model_id: id, step: 0 }] });
  await page.goto(`/runs/${run}`);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Register a model…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Register a model' });
  await expect(dialog.getByRole('combobox', { name: 'Model of the run' })).toContainText(`net (${id})`);
  await dialog.getByRole('combobox', { name: 'Registered model' }).fill('web-net');
  await dialog.getByRole('button', { name: 'Register', exact: true }).click();
  await expect(page.getByText('models:/web-net/1').first()).toBeVisible();
  const version = await api.call<{ model_version: { model_id?: string; source: string } }>(
    'GET',
    'model-versions/get?name=web-net&version=1',
  );
  expect(version.model_version.source).toBe(`models:/${id}`);

  await page.goto(`/runs/${await api.run(experiment, 'without')}`);
  await page.getByRole('button', { name: 'More actions' }).click();
  await expect(page.getByRole('menuitem', { name: 'Copy Python' })).toBeVisible();
  await expect(page.getByRole('menuitem', { name: 'Register a model…' })).toHaveCount(0);
});
