import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { auditEvents } from '../../api/tokens';
import { useBreadcrumb } from '../../app/breadcrumb';
import { paths, withQuery } from '../../app/paths';
import { Button } from '../../design/Button';
import { Empty, ErrorNote, Skeleton } from '../../design/States';
import { Table } from '../../design/Table';
import { Badge } from '../../design/Values';
import { localTime, utcTime } from '../../format/time';
import { maybeNumber } from '../../url/codec';
import { usePageState } from '../../url/usePageState';
import styles from './AdminPage.module.css';

const schema = { before: maybeNumber };
const PAGE = 100;

/** Who did what with logins and permissions, the latest first. */
export function AuditTab() {
  useBreadcrumb([{ label: 'Audit log' }]);
  const [{ before }] = usePageState(schema);
  const { data, error, refetch, isFetching, isPlaceholderData } = useQuery({
    queryKey: ['audit', before],
    queryFn: ({ signal }) => auditEvents(before, PAGE, signal),
    placeholderData: keepPreviousData,
  });
  if (!data) {
    return error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Skeleton lines={12} />;
  }
  const oldest = data.at(-1)?.id;
  return (
    <>
      <h1 className="unseen">Audit log</h1>
      <div className={styles.paging}>
        <p className={styles.note}>
          Logins that failed, and every change of users, permissions, roles and tokens.
        </p>
        <Button icon="refresh" disabled={isFetching} onClick={() => void refetch()}>
          Read again
        </Button>
      </div>
      {data.length === 0 ? (
        <Empty title={before === null ? 'Nothing has happened yet' : 'Nothing is older'} />
      ) : (
        <Table label="Audit log" columns={['Time', 'Who', 'Did', 'To', 'From', 'Result']}>
          {data.map((event) => (
            <tr key={event.id}>
              <td className="number">
                <time dateTime={new Date(event.at_ms).toISOString()} title={utcTime(event.at_ms)}>
                  {localTime(event.at_ms)}
                </time>
              </td>
              <th scope="row">{event.actor ?? <span className={styles.note}>nobody</span>}</th>
              <td className="mono">{event.action}</td>
              <td>{event.object}</td>
              <td className="mono">{event.address}</td>
              <td>{event.result === 'ok' ? 'ok' : <Badge kind="error">{event.result}</Badge>}</td>
            </tr>
          ))}
        </Table>
      )}
      <nav className={styles.paging} aria-label="Pages of the audit log">
        {before !== null ? <Link href={paths.audit()}>Latest</Link> : <span />}
        {oldest !== undefined && data.length === PAGE && !isPlaceholderData && (
          <Link href={withQuery(paths.audit(), { before: String(oldest) })}>Older</Link>
        )}
      </nav>
    </>
  );
}
