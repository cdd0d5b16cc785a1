/** What somebody may do, sorted by where it comes from. */

import type { HeldPermission, Role } from '../api/permissions';

/** MLflow keeps what was granted to a user directly in a role of this user alone. */
export const isOfOneUser = (roleName: string) => /^__user_\d+__$/.test(roleName);

/** The roles that people made. */
export const madeRoles = (roles: readonly Role[]) =>
  roles.filter(({ name }) => !isOfOneUser(name)).sort((a, b) => a.name.localeCompare(b.name));

export interface GroupedPermissions {
  /** Granted to the user by name. */
  direct: HeldPermission[];
  byRole: { id: number; name: string; permissions: HeldPermission[] }[];
}

/** Puts permissions together by where they come from; within each, by what they are on. */
export function groupPermissions(permissions: readonly HeldPermission[]): GroupedPermissions {
  const direct = permissions.filter((one) => isOfOneUser(one.role_name)).sort(byResource);
  const byRole = new Map<number, GroupedPermissions['byRole'][number]>();
  for (const one of permissions) {
    if (isOfOneUser(one.role_name)) continue;
    const role = byRole.get(one.role_id) ?? { id: one.role_id, name: one.role_name, permissions: [] };
    role.permissions.push(one);
    byRole.set(one.role_id, role);
  }
  for (const role of byRole.values()) role.permissions.sort(byResource);
  return { direct, byRole: [...byRole.values()].sort((a, b) => a.name.localeCompare(b.name)) };
}

interface OnResource {
  resource_type: string;
  resource_pattern: string;
}

/** By type; all of a type before single ones; experiments by number. */
export function byResource(a: OnResource, b: OnResource): number {
  const type = a.resource_type.localeCompare(b.resource_type);
  if (type !== 0) return type;
  if (a.resource_pattern === '*' || b.resource_pattern === '*')
    return Number(b.resource_pattern === '*') - Number(a.resource_pattern === '*');
  return a.resource_pattern.localeCompare(b.resource_pattern, 'en', { numeric: true });
}
