import { useQuery } from '@tanstack/react-query';
import { useBreadcrumb } from '../../app/breadcrumb';
import { sessionQuery } from '../../app/session';
import { ErrorNote, Skeleton } from '../../design/States';
import { Badge } from '../../design/Values';
import { OpenServer } from '../../permissions/OpenServer';
import styles from './AccountPage.module.css';
import { MyPermissions } from './MyPermissions';
import { PasswordForm } from './PasswordForm';
import { Tokens } from './Tokens';

/** The reader's own account: password, permissions, API tokens. */
export default function AccountPage() {
  useBreadcrumb([{ label: 'Account' }]);
  const { data: session, error, refetch } = useQuery(sessionQuery);
  if (!session) {
    return error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Skeleton lines={8} />;
  }
  if (!session.user) return <OpenServer />;
  const { username, is_admin: isAdmin } = session.user;
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{username}</h1>
        {isAdmin && <Badge kind="accent">Administrator</Badge>}
      </header>
      <Tokens username={username} />
      <MyPermissions />
      <PasswordForm username={username} />
    </div>
  );
}
