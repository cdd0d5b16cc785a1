import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { experimentsSummary } from '../api/own';
import * as accounts from '../api/permissions';
import { sessionQuery } from '../app/session';
import { inWords } from '../design/States';
import { toast } from '../design/toasts';

/** All questions about users, roles and permissions: a change of one may change the answers of all. */
const KEY = 'accounts';

export const usersQuery = queryOptions({
  queryKey: [KEY, 'users'],
  queryFn: ({ signal }) => accounts.listUsers(signal),
});

export const rolesQuery = queryOptions({
  queryKey: [KEY, 'roles'],
  queryFn: ({ signal }) => accounts.listRoles(signal),
});

export const permissionsOfQuery = (username: string) =>
  queryOptions({
    queryKey: [KEY, 'permissions', username],
    queryFn: ({ signal }) => accounts.permissionsOf(username, signal),
  });

export const myPermissionsQuery = queryOptions({
  queryKey: [KEY, 'mine'],
  queryFn: ({ signal }) => accounts.myPermissions(signal),
});

export const permissionsOnQuery = (resource: accounts.Resource) =>
  queryOptions({
    queryKey: [KEY, 'on', resource.type, resource.id],
    queryFn: ({ signal }) => accounts.permissionsOn(resource, signal),
  });

export const usersOfRoleQuery = (id: number) =>
  queryOptions({
    queryKey: [KEY, 'role', id],
    queryFn: ({ signal }) => accounts.usersOfRole(id, signal),
  });

/**
 * Reads everything about accounts again; also whether the reader is an administrator still. `later`: not what is shown now,
 * as it is about to go.
 */
export function useRefresh() {
  const client = useQueryClient();
  return (when: 'now' | 'later' = 'now') => {
    const refetchType = when === 'now' ? 'active' : 'none';
    return Promise.all([
      client.invalidateQueries({ queryKey: [KEY], refetchType }),
      client.invalidateQueries({ queryKey: sessionQuery.queryKey, refetchType }),
    ]);
  };
}

/** Does something at the press of a button: says what was done, or what the server has against it. */
export function useAct() {
  const refresh = useRefresh();
  return async (act: () => Promise<unknown>, done: string) => {
    try {
      await act();
      toast(done);
    } catch (error) {
      const { title, detail } = inWords(error);
      toast(detail || title, { kind: 'failed' });
    }
    await refresh();
  };
}

/** The names of experiments by their ids, as far as the reader may see them. */
export function useExperimentNames(isWanted: boolean): ReadonlyMap<string, string> {
  const { data } = useQuery({
    queryKey: ['experiments/summary', 'all'],
    queryFn: ({ signal }) => experimentsSummary('all', signal),
    staleTime: 60_000,
    enabled: isWanted,
  });
  return new Map(data?.experiments.map((one) => [one.experiment_id, one.name]));
}
