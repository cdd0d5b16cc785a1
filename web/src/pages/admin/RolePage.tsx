import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import {
  addRolePermission,
  assignRole,
  deleteRole,
  removeRolePermission,
  type Role,
  unassignRole,
  updateRole,
  updateRolePermission,
} from '../../api/permissions';
import { useBreadcrumb } from '../../app/breadcrumb';
import { paths } from '../../app/paths';
import { Button, IconButton } from '../../design/Button';
import { FormDialog } from '../../design/FormDialog';
import { Empty, ErrorNote, Skeleton } from '../../design/States';
import { Actions, Table } from '../../design/Table';
import { toast } from '../../design/toasts';
import { GrantForm } from '../../permissions/GrantForm';
import { madeRoles } from '../../permissions/group';
import { PermissionSelect } from '../../permissions/PermissionSelect';
import { PermissionTable } from '../../permissions/PermissionTable';
import { rolesQuery, useAct, useRefresh, usersOfRoleQuery, usersQuery } from '../../permissions/useAccounts';
import styles from './AdminPage.module.css';
import { ChooseOne } from './ChooseOne';
import { RoleForm } from './RoleForm';

/** A role: what it permits, and who has it. */
export function RolePage({ id }: { id: number }) {
  const { data, error, refetch } = useQuery(rolesQuery);
  const role = madeRoles(data ?? []).find((one) => one.id === id);
  useBreadcrumb([{ label: 'Roles', href: paths.roles() }, { label: role?.name ?? String(id) }]);
  if (!data) {
    return error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Skeleton lines={8} />;
  }
  if (!role) {
    return (
      <Empty icon="shield" title="There is no such role">
        <p>
          None has the ID {id}. <Link href={paths.roles()}>All roles</Link>
        </p>
      </Empty>
    );
  }
  return (
    <>
      <Head role={role} />
      <Permissions role={role} />
      <Users role={role} />
    </>
  );
}

function Head({ role }: { role: Role }) {
  const refresh = useRefresh();
  const [, navigate] = useLocation();
  const [opened, setOpened] = useState<'edit' | 'delete' | null>(null);
  const close = () => setOpened(null);
  return (
    <>
      <header className={styles.head}>
        <h1>{role.name}</h1>
        <IconButton icon="edit" label="Name and description" onClick={() => setOpened('edit')} />
        <span className={styles.space} />
        <Button kind="danger" icon="trash" onClick={() => setOpened('delete')}>
          Delete
        </Button>
      </header>
      {role.description && <p className={styles.note}>{role.description}</p>}
      {opened === 'edit' && (
        <RoleForm
          title="Name and description"
          action="Save"
          name={role.name}
          description={role.description ?? ''}
          onSave={async (name, description) => {
            await updateRole(role.id, { name, description });
            await refresh();
          }}
          onClose={close}
        />
      )}
      {opened === 'delete' && (
        <FormDialog
          title={`Delete the role ${role.name}?`}
          action="Delete"
          isDangerous
          onSubmit={async () => {
            await deleteRole(role.id);
            await refresh('later');
            navigate(paths.roles(), { replace: true });
            toast(`The role ${role.name} is deleted.`);
          }}
          onClose={close}
        >
          <p>Who has it loses its permissions at once. It cannot be undone.</p>
        </FormDialog>
      )}
    </>
  );
}

function Permissions({ role }: { role: Role }) {
  const act = useAct();
  const refresh = useRefresh();
  return (
    <section className={styles.section} aria-labelledby="role-permissions">
      <h2 id="role-permissions">Permissions</h2>
      {role.permissions.length === 0 ? (
        <p className={styles.note}>None yet.</p>
      ) : (
        <PermissionTable
          label="Permissions of the role"
          permissions={role.permissions}
          permission={(one) => (
            <PermissionSelect
              label={`Permission on ${one.resource_type} ${one.resource_pattern}`}
              type={one.resource_type}
              value={one.permission}
              onChange={(next) =>
                void act(() => updateRolePermission(one.id, next), `${role.name} has ${next} now`)
              }
            />
          )}
          actions={(one) => (
            <IconButton
              icon="trash"
              label={`Remove ${one.permission} on ${one.resource_type} ${one.resource_pattern}`}
              onClick={() => void act(() => removeRolePermission(one.id), 'The permission is removed')}
            />
          )}
        />
      )}
      <GrantForm
        isRole
        onGrant={async (resource, permission) => {
          await addRolePermission(role.id, resource, permission);
          await refresh();
        }}
      />
    </section>
  );
}

function Users({ role }: { role: Role }) {
  const act = useAct();
  const members = useQuery(usersOfRoleQuery(role.id));
  const users = useQuery(usersQuery);
  const ids = new Set(members.data);
  const all = [...(users.data ?? [])].sort((a, b) => a.username.localeCompare(b.username));
  const having = all.filter((user) => ids.has(user.id));
  const others = all.filter((user) => !ids.has(user.id));
  const error = members.error ?? users.error;
  return (
    <section className={styles.section} aria-labelledby="role-users">
      <h2 id="role-users">Who has it</h2>
      {error && !(members.data && users.data) ? (
        <ErrorNote error={error} onRetry={() => void (members.refetch(), users.refetch())} />
      ) : !members.data || !users.data ? (
        <Skeleton lines={3} />
      ) : having.length === 0 ? (
        <p className={styles.note}>Nobody.</p>
      ) : (
        <Table label="Users with the role" columns={['Name', 'Actions!']}>
          {having.map(({ id, username }) => (
            <tr key={id}>
              <th scope="row">
                <Link href={paths.user(username)}>{username}</Link>
              </th>
              <Actions>
                <IconButton
                  icon="trash"
                  label={`Take the role from ${username}`}
                  onClick={() =>
                    void act(() => unassignRole(username, role.id), `${username} has ${role.name} no more`)
                  }
                />
              </Actions>
            </tr>
          ))}
        </Table>
      )}
      <ChooseOne
        label="Another user"
        action="Assign"
        options={others.map(({ username }) => ({ value: username, label: username }))}
        none="Everybody has it."
        onChoose={(username) => act(() => assignRole(username, role.id), `${username} has ${role.name} now`)}
      />
    </section>
  );
}
