import { expect, it } from 'vitest';
import { paths } from '../../app/paths';
import { adminPlace } from './adminPlace';

it('finds the user again whom a link names', () => {
  for (const name of [
    'alice',
    'a/b',
    '100%',
    'a b?c#d',
    'Ünïcode',
    '%2F',
    '..x',
    '..',
    '.',
    '~1',
    '~~0/',
    'a\\b',
    '~3',
  ])
    expect(adminPlace(paths.user(name))).toEqual({ part: 'users', user: name });
});

it('knows the pages of the administration, and no others', () => {
  expect(adminPlace('/admin')).toEqual({ part: 'users', user: null });
  expect(adminPlace(paths.users())).toEqual({ part: 'users', user: null });
  expect(adminPlace(paths.roles())).toEqual({ part: 'roles', role: null });
  expect(adminPlace(paths.role(12))).toEqual({ part: 'roles', role: 12 });
  expect(adminPlace(paths.audit())).toEqual({ part: 'audit' });
  for (const path of ['/admin/roles/x', '/admin/audit/1', '/admin/secrets', '/admin/users/a/b'])
    expect(adminPlace(path)).toBeNull();
});
