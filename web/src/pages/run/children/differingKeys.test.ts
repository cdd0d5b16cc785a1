import { expect, it } from 'vitest';
import type { Run } from '../../../api/mlflow';
import { differingKeys } from './differingKeys';

const runs = [
  { a: 1, b: 2, same: 3 },
  { a: 2, same: 3 },
] as unknown as Run[];

it('finds what differs, the commonest first', () => {
  const entries = (run: Run) => Object.entries(run).map(([key, value]) => ({ key, value: value as unknown }));
  expect(differingKeys(runs, entries)).toEqual(['a', 'b']);
  expect(differingKeys(runs.slice(0, 1), entries)).toEqual(['a', 'b', 'same']);
});
