import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { afterChange } from './afterChange';

test('whatever tells of a run is read again once it is shown, windows of a table too', async () => {
  const client = new QueryClient();
  const keys = [
    ['runs/table', { generation: 'g' }, 0],
    ['runs/groups', {}, 0],
    ['runs/keys', {}, 0],
    ['runs/search', 'children', '1', 'parent'],
    ['experiments/summary', 'active'],
    ['runs/get', 'a'],
  ];
  for (const key of [...keys, ['runs/get', 'b']]) client.setQueryData(key, {});
  await afterChange(client, 'a');
  expect(keys.filter((key) => !client.getQueryState(key)?.isInvalidated)).toEqual([]);
  expect(client.getQueryState(['runs/get', 'b'])?.isInvalidated).toBe(false);
  // A window of a generation is never stale by its age.
  const queryFn = () => 'read again';
  const [queryKey = []] = keys;
  expect(await client.fetchQuery({ queryKey, queryFn, staleTime: Infinity })).toBe('read again');
});
