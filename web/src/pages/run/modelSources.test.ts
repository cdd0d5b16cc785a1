import { expect, test } from 'vitest';
import type { LoggedModel, Run } from '../../api/mlflow';
import { canRegister, modelSources } from './modelSources';

const run = (
  history: string | null,
  models: string[],
  lifecycle_stage: 'active' | 'deleted' = 'active',
): Run => ({
  info: {
    run_id: 'abcdefgh1234',
    run_name: 'r',
    experiment_id: '1',
    status: 'FINISHED',
    artifact_uri: 'mlflow-artifacts:/1/abc/artifacts',
    lifecycle_stage,
  },
  data: { tags: history === null ? [] : [{ key: 'mlflow.log-model.history', value: history }] },
  outputs: { model_outputs: models.map((model_id) => ({ model_id })) },
});

test('logged models and folders of the history', () => {
  const named = new Map([['m-1', { info: { name: 'forest' } } as LoggedModel]]);
  const history = '[{"artifact_path":"model"},{"artifact_path":"model"},{"nothing":1},null]';
  expect(modelSources(run(history, ['m-1', 'm-2']), named)).toEqual([
    { source: 'models:/m-1', label: 'forest (m-1)', modelId: 'm-1' },
    { source: 'models:/m-2', label: 'm-2', modelId: 'm-2' },
    { source: 'mlflow-artifacts:/1/abc/artifacts/model', label: 'runs:/abcdefgh…/model', modelId: null },
  ]);
});

test('nothing to register', () => {
  expect(canRegister(run(null, []))).toBe(false);
  expect(canRegister(run('not JSON', []))).toBe(false);
  expect(canRegister(run(null, ['m-1'], 'deleted'))).toBe(false);
  expect(canRegister(run(null, ['m-1']))).toBe(true);
});
