import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { Link } from 'wouter';
import { wordsOf } from '../api/denied';
import {
  type Grant,
  grant,
  regrant,
  type Resource,
  type ResourcePermission,
  revoke,
  userNames,
} from '../api/permissions';
import { paths } from '../app/paths';
import { useSession } from '../app/session';
import { Button, IconButton } from '../design/Button';
import { Dialog } from '../design/Dialog';
import { SelectField, TextField } from '../design/Field';
import { ErrorNote, inWords, Skeleton } from '../design/States';
import { Actions, Table } from '../design/Table';
import { toast } from '../design/toasts';
import { PermissionSelect } from './PermissionSelect';
import styles from './Permissions.module.css';
import { permissionsOnQuery, useAct, useRefresh } from './useAccounts';
import { GRANTS, MEANINGS } from './words';

interface Props {
  resource: Resource;
  /** What people call it. */
  name: string;
  onClose: () => void;
}

/** Who may do what with an experiment or a model; for who manages it, also with ways to change that. */
export default function PermissionsDialog({ resource, name, onClose }: Props) {
  const { data, error, refetch } = useQuery(permissionsOnQuery(resource));
  return (
    <Dialog
      title={`Permissions of ${name}`}
      width="wide"
      onClose={onClose}
      actions={<Button onClick={onClose}>Close</Button>}
    >
      <div className={styles.waiting}>
        {error && !data ? (
          <ErrorNote error={error} onRetry={() => void refetch()} />
        ) : !data ? (
          <Skeleton lines={5} />
        ) : (
          <>
            <dl className={styles.facts}>
              <dt>You have</dt>
              <dd>{data.mine}</dd>
              <dt>Without a grant</dt>
              <dd>{data.default_permission}, as the server is set up</dd>
            </dl>
            {data.permissions ? (
              <>
                <Granted resource={resource} permissions={data.permissions} />
                <GrantToUser resource={resource} permissions={data.permissions} />
              </>
            ) : (
              <p className={styles.muted}>
                Who else may do what is for those to see who have MANAGE on this {wordsOf(resource.type)}, and
                for administrators.
              </p>
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}

interface GrantedProps {
  resource: Resource;
  permissions: readonly ResourcePermission[];
}

/** Granted to this user, on this very thing: what can be changed here. */
const isOwn = (one: ResourcePermission, { id }: Resource) =>
  one.username !== null && one.role === null && one.resource_pattern === id;

function Granted({ resource, permissions }: GrantedProps) {
  const act = useAct();
  const isAdmin = useSession()?.user?.is_admin ?? false;
  if (permissions.length === 0)
    return <p className={styles.muted}>Nothing is granted on it. Administrators may do everything.</p>;
  return (
    <div className={styles.rows}>
      <Table label="Who may do what" columns={['Who', 'Permission', 'Granted', 'Actions!']}>
        {permissions.map((one) => {
          const { username, role, permission } = one;
          const who = username ?? `Role ${role?.name ?? ''}`;
          return (
            <tr key={`${username ?? ''} ${role?.id ?? ''} ${one.resource_pattern}`}>
              <th scope="row">{who}</th>
              <td>
                {isOwn(one, resource) && username !== null ? (
                  <PermissionSelect
                    label={`Permission of ${who}`}
                    type={resource.type}
                    value={permission}
                    onChange={(next) =>
                      void act(
                        () => regrant(username, resource, permission as Grant, next),
                        `${who} has ${next} now`,
                      )
                    }
                  />
                ) : (
                  permission
                )}
              </td>
              <td>
                {one.resource_pattern === resource.id ? 'on this' : `on every ${wordsOf(resource.type)}`}
              </td>
              <Actions>
                {isOwn(one, resource) && username !== null ? (
                  <IconButton
                    icon="trash"
                    label={`Revoke the permission of ${who}`}
                    onClick={() => void act(() => revoke(username, resource), `${who} has it no more`)}
                  />
                ) : (
                  isAdmin && (
                    <Link href={role && username === null ? paths.role(role.id) : paths.user(username ?? '')}>
                      Open
                    </Link>
                  )
                )}
              </Actions>
            </tr>
          );
        })}
      </Table>
    </div>
  );
}

function GrantToUser({ resource, permissions }: GrantedProps) {
  const refresh = useRefresh();
  const [name, setName] = useState('');
  const [permission, setPermission] = useState<Grant>('READ');
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const list = useId();
  const username = name.trim();
  const found = useQuery({
    queryKey: ['users/names', username],
    queryFn: ({ signal }) => userNames(username, signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const before = permissions.find((one) => isOwn(one, resource) && one.username === username);
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    if (isBusy || !username) return;
    setBusy(true);
    setError(null);
    try {
      await (before
        ? regrant(username, resource, before.permission as Grant, permission)
        : grant(username, resource, permission));
      toast(`${username} has ${permission} now`);
      setName('');
    } catch (failure) {
      const { title, detail } = inWords(failure);
      setError(detail || title);
    }
    await refresh();
    setBusy(false);
  };
  return (
    <form
      className={styles.form}
      data-of="user"
      aria-label="Grant to a user"
      onSubmit={(event) => void submit(event)}
    >
      <TextField
        label="User"
        list={list}
        autoCapitalize="none"
        value={name}
        onChange={(event) => {
          setName(event.target.value);
          setError(null);
        }}
      />
      <datalist id={list}>
        {found.data?.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <SelectField label="Permission" value={permission} options={GRANTS} onChange={setPermission} />
      <Button kind="primary" type="submit" disabled={isBusy || !username}>
        {before ? 'Change' : 'Grant'}
      </Button>
      <p role="alert" className={styles.formNote} data-failed={error !== null || undefined}>
        {error ?? `${permission}: ${MEANINGS[permission]}`}
      </p>
    </form>
  );
}
