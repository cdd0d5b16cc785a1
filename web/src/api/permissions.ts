/** Users, roles and what they may do: MLflow's endpoints, and Oxflow's view of one experiment or model. */

import { call } from './http';

const V2 = 'ajax-api/2.0/mlflow';
const V3 = 'ajax-api/3.0/mlflow';
const OWN = 'api/oxflow/v1';

/** The weakest first; each includes those before it. */
export const LEVELS = ['READ', 'USE', 'EDIT', 'MANAGE'] as const;
export type Level = (typeof LEVELS)[number];
/** What can be granted. `DENY` wins over everything that another grant allows. */
export type Grant = Level | 'DENY';
/** What somebody has without any grant may also be nothing. */
export type Permission = Grant | 'NO_PERMISSIONS';

/** Things that are granted one by one, by id or name. */
export const NAMED_TYPES = ['experiment', 'registered_model', 'prompt'] as const;
export type NamedType = (typeof NAMED_TYPES)[number];

/** One line of what somebody may do. */
export interface HeldPermission {
  role_id: number;
  role_name: string;
  workspace: string;
  resource_type: string;
  resource_pattern: string;
  permission: Permission;
}

export interface RolePermission {
  id: number;
  role_id: number;
  resource_type: string;
  resource_pattern: string;
  permission: Permission;
}

export interface Role {
  id: number;
  name: string;
  workspace: string;
  description: string | null;
  permissions: RolePermission[];
}

export interface User {
  id: number;
  username: string;
  is_admin: boolean;
  /** With the one that holds what was granted to the user directly. */
  roles: Role[];
}

/** What was granted on one thing. */
export interface ResourcePermission {
  username: string | null;
  role: { id: number; name: string } | null;
  resource_pattern: string;
  permission: Permission;
}

export interface ResourcePermissions {
  default_permission: Permission;
  /** What the reader may. */
  mine: Permission;
  /** Only for who may manage it. */
  permissions?: ResourcePermission[];
}

export interface Resource {
  type: string;
  id: string;
}

const change = <Answer = unknown>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body: unknown) =>
  call<Answer>(path, { method, body });

export const changePassword = (username: string, password: string, current?: string) =>
  change('PATCH', `${V2}/users/update-password`, {
    username,
    password,
    ...(current !== undefined && { current_password: current }),
  });

export const myPermissions = (signal?: AbortSignal) =>
  call<{ is_admin: boolean; permissions: HeldPermission[] }>(`${V3}/users/current/permissions`, { signal });

export const listUsers = async (signal?: AbortSignal) =>
  (await call<{ users: User[] }>(`${V2}/users/list`, { signal })).users;

export const createUser = async (username: string, password: string) =>
  (await change<{ user: User }>('POST', `${V2}/users/create`, { username, password })).user;

export const setAdmin = (username: string, isAdmin: boolean) =>
  change('PATCH', `${V2}/users/update-admin`, { username, is_admin: isAdmin });

export const deleteUser = (username: string) => change('DELETE', `${V2}/users/delete`, { username });

export const permissionsOf = (username: string, signal?: AbortSignal) =>
  call<{ is_admin: boolean; permissions: HeldPermission[] }>(`${V3}/users/permissions/list`, {
    query: { username },
    signal,
  });

const granted = (username: string, { type, id }: Resource) => ({
  username,
  resource_type: type,
  resource_id: id,
});

export const grant = (username: string, resource: Resource, permission: Grant) =>
  change('POST', `${V3}/users/permissions/grant`, { ...granted(username, resource), permission });

export const revoke = (username: string, resource: Resource) =>
  change('POST', `${V3}/users/permissions/revoke`, granted(username, resource));

/** Another permission instead of the one that was granted: MLflow has no call that changes one. */
export async function regrant(username: string, resource: Resource, before: Grant, after: Grant) {
  await revoke(username, resource);
  try {
    await grant(username, resource, after);
  } catch (error) {
    // Better what was there than nothing; the first error says what was wrong.
    await grant(username, resource, before).catch(() => undefined);
    throw error;
  }
}

export const listRoles = async (signal?: AbortSignal) =>
  (await call<{ roles: Role[] }>(`${V3}/roles/list`, { signal })).roles;

export const createRole = (name: string, description: string) =>
  change<{ role?: Role }>('POST', `${V3}/roles/create`, {
    name,
    workspace: 'default',
    ...(description && { description }),
  });

export const updateRole = (id: number, changes: { name?: string; description?: string }) =>
  change('PATCH', `${V3}/roles/update`, { role_id: id, ...changes });

export const deleteRole = (id: number) => change('DELETE', `${V3}/roles/delete`, { role_id: id });

export const addRolePermission = (id: number, resource: Resource, permission: Grant) =>
  change('POST', `${V3}/roles/permissions/add`, {
    role_id: id,
    resource_type: resource.type,
    resource_pattern: resource.id,
    permission,
  });

export const updateRolePermission = (id: number, permission: Grant) =>
  change('PATCH', `${V3}/roles/permissions/update`, { role_permission_id: id, permission });

export const removeRolePermission = (id: number) =>
  change('DELETE', `${V3}/roles/permissions/remove`, { role_permission_id: id });

export const assignRole = (username: string, id: number) =>
  change('POST', `${V3}/roles/assign`, { username, role_id: id });

export const unassignRole = (username: string, id: number) =>
  change('DELETE', `${V3}/roles/unassign`, { username, role_id: id });

/** The ids of the users that have a role. */
export const usersOfRole = async (id: number, signal?: AbortSignal) =>
  (
    await call<{ assignments: { id: number; user_id: number; role_id: number }[] }>(
      `${V3}/roles/users/list`,
      {
        query: { role_id: id },
        signal,
      },
    )
  ).assignments.map((one) => one.user_id);

export const permissionsOn = ({ type, id }: Resource, signal?: AbortSignal) =>
  call<ResourcePermissions>(`${OWN}/permissions`, {
    query: { resource_type: type, resource_id: id },
    signal,
  });

/** Some users whose names begin so. */
export const userNames = async (prefix: string, signal?: AbortSignal) =>
  (await call<{ usernames: string[] }>(`${OWN}/users/names`, { query: { prefix }, signal })).usernames;
