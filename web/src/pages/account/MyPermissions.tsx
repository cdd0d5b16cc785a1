import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { NAMED_TYPES, type Resource } from '../../api/permissions';
import { IconButton } from '../../design/Button';
import { ErrorNote, Skeleton } from '../../design/States';
import { groupPermissions } from '../../permissions/group';
import PermissionsDialog from '../../permissions/PermissionsDialog';
import { PermissionTable } from '../../permissions/PermissionTable';
import { myPermissionsQuery } from '../../permissions/useAccounts';
import styles from './AccountPage.module.css';

/** What the reader may do, by name and by roles. */
export function MyPermissions() {
  const { data, error, refetch } = useQuery(myPermissionsQuery);
  const [opened, setOpened] = useState<Resource | null>(null);
  const { direct, byRole } = groupPermissions(data?.permissions ?? []);
  return (
    <section className={styles.section} aria-labelledby="account-permissions">
      <h2 id="account-permissions">Permissions</h2>
      {error && !data ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton lines={3} />
      ) : (
        <>
          {data.is_admin && <p className={styles.note}>You are an administrator: you may do everything.</p>}
          {direct.length > 0 && (
            <>
              <h3>Granted to you</h3>
              <PermissionTable
                label="Granted to you"
                permissions={direct}
                actions={({ resource_type: type, resource_pattern: id, permission }) =>
                  permission === 'MANAGE' &&
                  id !== '*' &&
                  NAMED_TYPES.some((one) => one === type) && (
                    <IconButton
                      icon="shield"
                      label={`Permissions of ${type.replaceAll('_', ' ')} ${id}`}
                      onClick={() => setOpened({ type, id })}
                    />
                  )
                }
              />
            </>
          )}
          {byRole.map((role) => (
            <section key={role.id} className={styles.section} aria-label={`By the role ${role.name}`}>
              <h3>By the role {role.name}</h3>
              <PermissionTable label={`By the role ${role.name}`} permissions={role.permissions} />
            </section>
          ))}
          {direct.length + byRole.length === 0 && !data.is_admin && (
            <p className={styles.note}>
              Nothing was granted to you. What everybody may do is decided by how the server is set up.
            </p>
          )}
        </>
      )}
      {opened && (
        <PermissionsDialog
          resource={opened}
          name={`${opened.type.replaceAll('_', ' ')} ${opened.id}`}
          onClose={() => setOpened(null)}
        />
      )}
    </section>
  );
}
