import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { Link } from 'wouter';
import type { User } from '../../api/permissions';
import { useBreadcrumb } from '../../app/breadcrumb';
import { paths } from '../../app/paths';
import { useShortcut } from '../../app/shortcuts';
import { Button } from '../../design/Button';
import { TextField } from '../../design/Field';
import { Highlight } from '../../design/Highlight';
import { wordsOf } from '../../design/marks';
import { Empty, ErrorNote, Skeleton } from '../../design/States';
import { Actions, Table } from '../../design/Table';
import { Badge } from '../../design/Values';
import { grouped } from '../../format/number';
import { isOfOneUser, madeRoles } from '../../permissions/group';
import { usersQuery } from '../../permissions/useAccounts';
import { text } from '../../url/codec';
import { usePageState } from '../../url/usePageState';
import styles from './AdminPage.module.css';
import { NewUser } from './UserDialogs';
import { UserMenu } from './UserMenu';

const schema = { q: text };
/** So many rows are drawn; more are found by typing. */
const SHOWN = 300;

/** Everybody who has an account. */
export function UsersTab() {
  useBreadcrumb([{ label: 'Users' }]);
  const { data, error, refetch } = useQuery(usersQuery);
  const [{ q }, patch] = usePageState(schema);
  const [isMaking, setMaking] = useState(false);
  const filter = useRef<HTMLInputElement>(null);
  useShortcut('/', 'Filter', () => filter.current?.select());
  useShortcut('n', 'New user', () => setMaking(true));
  const words = wordsOf(q);
  const found = (data ?? [])
    .filter((user) => words.every((word) => searched(user).includes(word)))
    .sort((a, b) => a.username.localeCompare(b.username, 'en', { numeric: true }));
  return (
    <>
      <h1 className="unseen">Users</h1>
      <div className={styles.toolbar} role="search" aria-label="Users">
        <TextField
          ref={filter}
          label="Filter users"
          isLabelHidden
          icon="search"
          type="search"
          className={styles.filter ?? ''}
          placeholder="Filter by name or role"
          value={q}
          onChange={(event) => patch({ q: event.target.value }, { replace: true })}
        />
        <span className={styles.note} role="status">
          {data && `${grouped(found.length)} of ${grouped(data.length)}`}
        </span>
        <span className={styles.space} />
        <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
          New user
        </Button>
      </div>
      {error && !data ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton lines={8} label="Loading the users" />
      ) : found.length === 0 ? (
        <Empty icon="search" title="No user matches">
          <Button onClick={() => patch({ q: '' })}>Show all {grouped(data.length)}</Button>
        </Empty>
      ) : (
        <Table label="Users" columns={['Name', 'Roles', 'Granted directly', 'Actions!']}>
          {found.slice(0, SHOWN).map((user) => (
            <tr key={user.id}>
              <th scope="row">
                <span className={styles.roles}>
                  <Link href={paths.user(user.username)}>
                    <Highlight text={user.username} words={words} />
                  </Link>
                  {user.is_admin && <Badge kind="accent">Administrator</Badge>}
                </span>
              </th>
              <td>
                <span className={styles.roles}>
                  {madeRoles(user.roles).map((role) => (
                    <Link key={role.id} href={paths.role(role.id)}>
                      {role.name}
                    </Link>
                  ))}
                </span>
              </td>
              <td>{grouped(directOf(user))}</td>
              <Actions>
                <UserMenu user={user} />
              </Actions>
            </tr>
          ))}
        </Table>
      )}
      {found.length > SHOWN && (
        <p className={styles.note}>{grouped(found.length - SHOWN)} more: type to find them.</p>
      )}
      {isMaking && <NewUser onClose={() => setMaking(false)} />}
    </>
  );
}

const searched = ({ username, roles }: User) =>
  [username, ...madeRoles(roles).map(({ name }) => name)].join('\n').toLowerCase();

/** How many permissions were granted to the user by name. */
const directOf = ({ roles }: User) =>
  roles.filter(({ name }) => isOfOneUser(name)).reduce((sum, role) => sum + role.permissions.length, 0);
