import { expect, it } from 'vitest';
import { deniedBy, neededInWords } from './denied';

const asked = (method: string, path: string, body?: unknown) => {
  const { needed, on } = deniedBy(method, new URL(path, 'http://server/prefix/'), body);
  return `${needed} on ${on ?? 'something'}`;
};

it('reading needs READ, whatever the method', () => {
  expect(asked('GET', 'ajax-api/2.0/mlflow/experiments/get?experiment_id=3')).toBe('READ on experiment 3');
  expect(asked('GET', 'ajax-api/2.0/mlflow/runs/get?run_id=abc')).toBe('READ on the experiment of run abc');
  expect(asked('POST', 'api/oxflow/v1/runs/table', { experiments: ['3'] })).toBe('READ on experiment 3');
  expect(asked('POST', 'api/oxflow/v1/runs/table', { experiments: ['3', '4'] })).toBe(
    'READ on one of 2 experiments',
  );
  expect(asked('POST', 'api/oxflow/v1/series', { runs: ['a', 'b'], keys: ['loss'] })).toBe(
    'READ on the experiments of these runs',
  );
  expect(asked('POST', 'ajax-api/2.0/mlflow/runs/search', { experiment_ids: ['7'] })).toBe(
    'READ on experiment 7',
  );
});

it('changing needs EDIT', () => {
  expect(asked('POST', 'ajax-api/2.0/mlflow/runs/set-tag', { run_id: 'abc', key: 'k' })).toBe(
    'EDIT on the experiment of run abc',
  );
  expect(asked('POST', 'ajax-api/2.0/mlflow/experiments/update', { experiment_id: '3' })).toBe(
    'EDIT on experiment 3',
  );
  expect(asked('POST', 'ajax-api/2.0/mlflow/runs/delete-tag', { run_id: 'abc' })).toBe(
    'EDIT on the experiment of run abc',
  );
  // A version belongs to its model, not to the run that it came from.
  expect(asked('POST', 'ajax-api/2.0/mlflow/model-versions/create', { name: 'fox', run_id: 'abc' })).toBe(
    'EDIT on registered model fox',
  );
  expect(asked('PUT', 'api/2.0/mlflow-artifacts/artifacts/3/abc/artifacts/a.txt')).toBe(
    'EDIT on experiment 3',
  );
});

it('deleting and granting need MANAGE', () => {
  expect(asked('POST', 'ajax-api/2.0/mlflow/experiments/delete', { experiment_id: '3' })).toBe(
    'MANAGE on experiment 3',
  );
  expect(asked('POST', 'api/oxflow/v1/runs/bulk', { ids: ['a'], operation: 'delete' })).toBe(
    'MANAGE on the experiment of run a',
  );
  expect(asked('POST', 'api/oxflow/v1/runs/purge', { run_ids: ['a'] })).toBe(
    'MANAGE on the experiment of run a',
  );
  expect(asked('POST', 'api/oxflow/v1/runs/purge', { run_ids: ['a', 'b'] })).toBe(
    'MANAGE on the experiments of these runs',
  );
  expect(asked('POST', 'api/oxflow/v1/experiments/purge', { experiment_id: '3' })).toBe(
    'MANAGE on experiment 3',
  );
  expect(asked('DELETE', 'api/2.0/mlflow-artifacts/artifacts/3/abc/artifacts/a.txt')).toBe(
    'MANAGE on experiment 3',
  );
  expect(
    asked('POST', 'ajax-api/3.0/mlflow/users/permissions/grant', {
      username: 'alice',
      resource_type: 'registered_model',
      resource_id: 'fox',
      permission: 'EDIT',
    }),
  ).toBe('MANAGE on registered model fox');
});

it('users, roles and the audit log are for administrators', () => {
  for (const path of [
    'ajax-api/2.0/mlflow/users/list',
    'ajax-api/3.0/mlflow/roles/list',
    'ajax-api/3.0/mlflow/roles/permissions/add',
    'api/oxflow/v1/audit?limit=100',
  ])
    expect(deniedBy('GET', new URL(path, 'http://server/'), undefined).needed).toBe('ADMIN');
});

it('what a file is called decides nothing', () => {
  for (const name of ['table', 'delete', 'mlflow/roles/list', 'oxflow/v1/audits'])
    expect(asked('PUT', `api/2.0/mlflow-artifacts/artifacts/3/abc/artifacts/${name}`)).toBe(
      'EDIT on experiment 3',
    );
});

it('says who can help', () => {
  expect(neededInWords({ needed: 'EDIT', on: 'experiment 3' })).toBe(
    'This needs EDIT on experiment 3. Whoever has MANAGE on it, or an administrator of the server, can grant it.',
  );
  expect(neededInWords({ needed: 'ADMIN', on: null })).toContain('administrator');
});
