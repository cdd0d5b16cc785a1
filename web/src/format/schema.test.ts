import { expect, it } from 'vitest';
import { schemaColumns } from './schema';

it('reads columns', () => {
  expect(
    schemaColumns('{"mlflow_colspec":[{"type":"long","name":"x","required":true},{"type":"string"}]}'),
  ).toEqual([
    { name: 'x', type: 'long', isRequired: true },
    { name: '1', type: 'string', isRequired: null },
  ]);
});

it('reads tensors', () => {
  const features = '[{"type":"tensor","tensor-spec":{"dtype":"float64","shape":[-1,3]}}]';
  expect(schemaColumns(JSON.stringify({ mlflow_tensorspec: { features, targets: null } }))).toEqual([
    { name: 'features', type: 'float64 (-1, 3)', isRequired: null },
  ]);
});

it('takes anything', () => {
  expect(schemaColumns('nonsense')).toBeNull();
  expect(schemaColumns('[1]')).toBeNull();
});
