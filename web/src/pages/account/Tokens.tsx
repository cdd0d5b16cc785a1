import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { listTokens, revokeToken, type Token } from '../../api/tokens';
import { Button } from '../../design/Button';
import { FormDialog } from '../../design/FormDialog';
import { ErrorNote, Skeleton } from '../../design/States';
import { Actions, Table } from '../../design/Table';
import { toast } from '../../design/toasts';
import { Badge, Time, useNow } from '../../design/Values';
import { localDate } from '../../format/time';
import styles from './AccountPage.module.css';

const NewToken = lazy(() => import('./NewToken'));

const SCOPES = { READ: 'reads', EDIT: 'reads and logs' } as const;

/** The keys of programs. */
export function Tokens({ username }: { username: string }) {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => listTokens(signal),
  });
  const [isMaking, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const now = useNow();
  const changed = () => client.invalidateQueries({ queryKey: ['tokens'] });
  return (
    <section className={styles.section} aria-labelledby="account-tokens">
      <div className={styles.sectionHead}>
        <h2 id="account-tokens">API tokens</h2>
        <Button icon="plus" onClick={() => setMaking(true)}>
          New token
        </Button>
      </div>
      {error && !data ? (
        <ErrorNote error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton lines={3} />
      ) : data.length === 0 ? (
        <p className={styles.note}>
          None. A token lets a program log in as you without your password, and ends when you revoke it.
        </p>
      ) : (
        <Table label="API tokens" columns={['Name', 'May', 'Created', 'Last used', 'Ends', 'Actions!']}>
          {data.map((token) => (
            <tr key={token.id}>
              <th scope="row">{token.name}</th>
              <td>{token.scope === null ? 'do what you may' : SCOPES[token.scope]}</td>
              <td>
                <Time at={token.created_at_ms} />
              </td>
              <td>{token.last_used_at_ms === null ? 'never' : <Time at={token.last_used_at_ms} />}</td>
              <td>
                {token.expires_at_ms === null ? (
                  'never'
                ) : token.expires_at_ms <= now ? (
                  <Badge kind="warn">ended</Badge>
                ) : (
                  localDate(token.expires_at_ms)
                )}
              </td>
              <Actions>
                <Button kind="danger" aria-label={`Revoke ${token.name}`} onClick={() => setRevoking(token)}>
                  Revoke
                </Button>
              </Actions>
            </tr>
          ))}
        </Table>
      )}
      <Suspense>
        {isMaking && (
          <NewToken username={username} onMade={() => void changed()} onClose={() => setMaking(false)} />
        )}
      </Suspense>
      {revoking && (
        <FormDialog
          title={`Revoke “${revoking.name}”?`}
          action="Revoke"
          isDangerous
          onSubmit={async () => {
            await revokeToken(revoking.id);
            await changed();
            toast(`The token “${revoking.name}” is revoked.`);
          }}
          onClose={() => setRevoking(null)}
        >
          <p>Programs that use it get 401 from now on. It cannot be undone.</p>
        </FormDialog>
      )}
    </section>
  );
}
