import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import {
  assignRole,
  type Grant,
  grant,
  type HeldPermission,
  regrant,
  type Resource,
  revoke,
  type Role,
  unassignRole,
} from '../../api/permissions';
import { useBreadcrumb } from '../../app/breadcrumb';
import { paths } from '../../app/paths';
import { IconButton } from '../../design/Button';
import { Empty, ErrorNote, Skeleton } from '../../design/States';
import { Actions, Table } from '../../design/Table';
import { Badge } from '../../design/Values';
import { GrantForm } from '../../permissions/GrantForm';
import { groupPermissions, madeRoles } from '../../permissions/group';
import { PermissionSelect } from '../../permissions/PermissionSelect';
import { PermissionTable } from '../../permissions/PermissionTable';
import {
  permissionsOfQuery,
  rolesQuery,
  useAct,
  useRefresh,
  usersQuery,
} from '../../permissions/useAccounts';
import styles from './AdminPage.module.css';
import { ChooseOne } from './ChooseOne';
import { UserMenu } from './UserMenu';

/** One account: what its owner may do, and why. */
export function UserPage({ name }: { name: string }) {
  useBreadcrumb([{ label: 'Users', href: paths.users() }, { label: name }]);
  const [, navigate] = useLocation();
  const { data: users, error, refetch } = useQuery(usersQuery);
  if (!users) {
    return error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Skeleton lines={8} />;
  }
  const user = users.find(({ username }) => username === name);
  if (!user) {
    return (
      <Empty icon="user" title="There is no such user">
        <p>
          Nobody here is called <code>{name}</code>. <Link href={paths.users()}>All users</Link>
        </p>
      </Empty>
    );
  }
  return (
    <>
      <header className={styles.head}>
        <h1>{name}</h1>
        {user.is_admin && <Badge kind="accent">Administrator</Badge>}
        <UserMenu user={user} onDeleted={() => navigate(paths.users(), { replace: true })} />
      </header>
      {user.is_admin && (
        <p className={styles.note}>Administrators may do everything, whatever stands here.</p>
      )}
      <Permissions username={name} />
      <Roles username={name} roles={madeRoles(user.roles)} />
    </>
  );
}

const resourceOf = (one: HeldPermission): Resource => ({ type: one.resource_type, id: one.resource_pattern });

function Permissions({ username }: { username: string }) {
  const act = useAct();
  const refresh = useRefresh();
  const { data, error, refetch } = useQuery(permissionsOfQuery(username));
  const { direct, byRole } = groupPermissions(data?.permissions ?? []);
  return (
    <section className={styles.section} aria-labelledby="user-permissions">
      <h2 id="user-permissions">Granted directly</h2>
      {error && !data ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton lines={3} />
      ) : direct.length === 0 ? (
        <p className={styles.note}>Nothing yet.</p>
      ) : (
        <PermissionTable
          label="Granted directly"
          permissions={direct}
          permission={(one) => (
            <PermissionSelect
              label={`Permission on ${one.resource_type} ${one.resource_pattern}`}
              type={one.resource_type}
              value={one.permission}
              onChange={(next) =>
                void act(
                  () => regrant(username, resourceOf(one), one.permission as Grant, next),
                  `${username} has ${next} now`,
                )
              }
            />
          )}
          actions={(one) => (
            <IconButton
              icon="trash"
              label={`Revoke ${one.permission} on ${one.resource_type} ${one.resource_pattern}`}
              onClick={() => void act(() => revoke(username, resourceOf(one)), 'The permission is revoked')}
            />
          )}
        />
      )}
      <GrantForm
        isRole={false}
        onGrant={async (resource, permission) => {
          await grant(username, resource, permission);
          await refresh();
        }}
      />
      {byRole.map((role) => (
        <section key={role.id} className={styles.section} aria-label={`By the role ${role.name}`}>
          <h3>
            By the role <Link href={paths.role(role.id)}>{role.name}</Link>
          </h3>
          <PermissionTable label={`By the role ${role.name}`} permissions={role.permissions} />
        </section>
      ))}
    </section>
  );
}

function Roles({ username, roles }: { username: string; roles: readonly Role[] }) {
  const act = useAct();
  const { data, error } = useQuery(rolesQuery);
  const others = madeRoles(data ?? []).filter((role) => !roles.some(({ id }) => id === role.id));
  return (
    <section className={styles.section} aria-labelledby="user-roles">
      <h2 id="user-roles">Roles</h2>
      {roles.length === 0 ? (
        <p className={styles.note}>None.</p>
      ) : (
        <Table label="Roles" columns={['Role', 'Description', 'Actions!']}>
          {roles.map((role) => (
            <tr key={role.id}>
              <th scope="row">
                <Link href={paths.role(role.id)}>{role.name}</Link>
              </th>
              <td>{role.description}</td>
              <Actions>
                <IconButton
                  icon="trash"
                  label={`Take the role ${role.name} from ${username}`}
                  onClick={() =>
                    void act(() => unassignRole(username, role.id), `${username} has ${role.name} no more`)
                  }
                />
              </Actions>
            </tr>
          ))}
        </Table>
      )}
      {error && !data && <ErrorNote error={error} />}
      <ChooseOne
        label="Another role"
        action="Assign"
        options={others.map((role) => ({ value: String(role.id), label: role.name }))}
        none="There is no other role."
        onChoose={(id, role) => act(() => assignRole(username, Number(id)), `${username} has ${role} now`)}
      />
    </section>
  );
}
