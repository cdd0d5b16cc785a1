import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { createRole } from '../../api/permissions';
import { useBreadcrumb } from '../../app/breadcrumb';
import { paths } from '../../app/paths';
import { useShortcut } from '../../app/shortcuts';
import { Button } from '../../design/Button';
import { Empty, ErrorNote, Skeleton } from '../../design/States';
import { Table } from '../../design/Table';
import { toast } from '../../design/toasts';
import { grouped } from '../../format/number';
import { madeRoles } from '../../permissions/group';
import { rolesQuery, useRefresh } from '../../permissions/useAccounts';
import styles from './AdminPage.module.css';
import { RoleForm } from './RoleForm';

/** The roles that people made. */
export function RolesTab() {
  useBreadcrumb([{ label: 'Roles' }]);
  const refresh = useRefresh();
  const { data, error, refetch } = useQuery(rolesQuery);
  const [isMaking, setMaking] = useState(false);
  useShortcut('n', 'New role', () => setMaking(true));
  const roles = madeRoles(data ?? []);
  return (
    <>
      <h1 className="unseen">Roles</h1>
      <div className={styles.toolbar}>
        <p className={styles.note}>A role is a set of permissions that several users have.</p>
        <span className={styles.space} />
        <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
          New role
        </Button>
      </div>
      {error && !data ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton lines={6} label="Loading the roles" />
      ) : roles.length === 0 ? (
        <Empty icon="shield" title="No roles yet">
          <p>Users have what was granted to them by name, and what the server lets everybody do.</p>
        </Empty>
      ) : (
        <Table label="Roles" columns={['Name', 'Description', 'Permissions']}>
          {roles.map((role) => (
            <tr key={role.id}>
              <th scope="row">
                <Link href={paths.role(role.id)}>{role.name}</Link>
              </th>
              <td>{role.description}</td>
              <td>{grouped(role.permissions.length)}</td>
            </tr>
          ))}
        </Table>
      )}
      {isMaking && (
        <RoleForm
          title="New role"
          action="Create"
          onSave={async (name, description) => {
            await createRole(name, description);
            await refresh();
            toast(`The role ${name} is made.`);
          }}
          onClose={() => setMaking(false)}
        />
      )}
    </>
  );
}
