import { expect, it } from 'vitest';
import type { HeldPermission, Role } from '../api/permissions';
import { groupPermissions, madeRoles } from './group';

const held = (role: [number, string], type: string, pattern: string): HeldPermission => ({
  role_id: role[0],
  role_name: role[1],
  workspace: 'default',
  resource_type: type,
  resource_pattern: pattern,
  permission: 'READ',
});
const OWN: [number, string] = [1, '__user_7__'];
const places = (list: readonly HeldPermission[]) =>
  list.map((one) => `${one.resource_type} ${one.resource_pattern}`);

it('tells what was granted directly from what comes by roles', () => {
  const { direct, byRole } = groupPermissions([
    held([5, 'vision'], 'experiment', '3'),
    held(OWN, 'registered_model', 'fox'),
    held([4, 'auditors'], 'experiment', '*'),
    held(OWN, 'experiment', '12'),
    held([5, 'vision'], 'experiment', '1'),
  ]);
  expect(places(direct)).toEqual(['experiment 12', 'registered_model fox']);
  expect(byRole.map(({ name }) => name)).toEqual(['auditors', 'vision']);
  expect(places(byRole[1]?.permissions ?? [])).toEqual(['experiment 1', 'experiment 3']);
});

it('orders by number, all of a type first', () => {
  const { direct } = groupPermissions(['10', '9', '*', '2'].map((id) => held(OWN, 'experiment', id)));
  expect(places(direct)).toEqual(['experiment *', 'experiment 2', 'experiment 9', 'experiment 10']);
});

it('a role that only looks like the one of a user is a role', () => {
  const { direct, byRole } = groupPermissions([held([9, '__user_x__'], 'experiment', '1')]);
  expect(direct).toEqual([]);
  expect(byRole.map(({ name }) => name)).toEqual(['__user_x__']);
});

it('the roles of single users are not shown as roles', () => {
  const role = (id: number, name: string): Role => ({
    id,
    name,
    workspace: 'default',
    description: null,
    permissions: [],
  });
  expect(madeRoles([role(1, '__user_1__'), role(3, 'b'), role(2, 'a')]).map(({ name }) => name)).toEqual([
    'a',
    'b',
  ]);
});
