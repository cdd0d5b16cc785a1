import { useQuery } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { paths } from '../../app/paths';
import { sessionQuery } from '../../app/session';
import { Empty, ErrorNote, Skeleton } from '../../design/States';
import { Tabs } from '../../design/Tabs';
import { OpenServer } from '../../permissions/OpenServer';
import { rawPath } from '../../url/raw';
import { NotFoundPage } from '../NotFoundPage';
import { adminPlace } from './adminPlace';
import styles from './AdminPage.module.css';
import { AuditTab } from './AuditTab';
import { RolePage } from './RolePage';
import { RolesTab } from './RolesTab';
import { UserPage } from './UserPage';
import { UsersTab } from './UsersTab';

/** Users, roles and the audit log, for administrators. */
export default function AdminPage() {
  // Which user or role is decided by the address as it is: names may have slashes.
  useLocation();
  const { data: session, error, refetch } = useQuery(sessionQuery);
  const place = adminPlace(rawPath());
  if (!session) {
    return error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Skeleton lines={8} />;
  }
  if (session.auth === 'none') return <OpenServer />;
  if (!session.user?.is_admin) {
    return (
      <Empty icon="shield" title="This is for administrators">
        <p>
          {session.user?.username ?? 'Your account'} is none. An administrator of the server can make it one.
        </p>
      </Empty>
    );
  }
  if (place === null) return <NotFoundPage />;
  const { part } = place;
  return (
    <div className={styles.page}>
      <Tabs
        label="Administration"
        tabs={[
          { label: 'Users', href: paths.users(), isCurrent: part === 'users' },
          { label: 'Roles', href: paths.roles(), isCurrent: part === 'roles' },
          { label: 'Audit log', href: paths.audit(), isCurrent: part === 'audit' },
        ]}
      />
      <div className={styles.content}>
        {part === 'users' &&
          (place.user === null ? <UsersTab /> : <UserPage key={place.user} name={place.user} />)}
        {part === 'roles' &&
          (place.role === null ? <RolesTab /> : <RolePage key={place.role} id={place.role} />)}
        {part === 'audit' && <AuditTab />}
      </div>
    </div>
  );
}
