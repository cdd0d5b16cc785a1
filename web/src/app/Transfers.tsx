import { Link } from 'wouter';
import { Button, IconButton } from '../design/Button';
import { grouped } from '../format/number';
import { paths } from './paths';
import styles from './Transfers.module.css';
import { dismissTransfer, type Transfer, useTransfers } from './transfers';

const MOST_FAILURES = 50;

/** What goes on, at the edge of every page. */
export function Transfers() {
  const transfers = useTransfers();
  if (transfers.length === 0) return null;
  return (
    <section aria-label="Transfers" className={styles.panel}>
      {transfers.map((transfer) => (
        <One key={transfer.id} transfer={transfer} />
      ))}
    </section>
  );
}

function One({ transfer }: { transfer: Transfer }) {
  const { id, label, done, total, failures, state, cancel } = transfer;
  const isRunning = state === 'running';
  return (
    <article className={styles.transfer} aria-label={label}>
      <header className={styles.header}>
        <span className={styles.label}>{label}</span>
        {isRunning ? (
          <Button kind="quiet" onClick={cancel}>
            Cancel
          </Button>
        ) : (
          <IconButton icon="close" label="Dismiss" onClick={() => dismissTransfer(id)} />
        )}
      </header>
      <progress {...(total !== null && { max: Math.max(1, total), value: done })} aria-label={label} />
      <p className={styles.note}>
        {grouped(done)}
        {total !== null && ` of ${grouped(total)}`}
        {state === 'cancelled' && ', cancelled: what was done stays done'}
        {failures.length > 0 && `, ${grouped(failures.length)} failed`}
      </p>
      {failures.length > 0 && (
        <ul className={styles.failures} aria-label="Failed" tabIndex={0}>
          {failures.slice(0, MOST_FAILURES).map((failure) => (
            <li key={failure.id}>
              <Link href={paths.run(failure.id)} className="mono">
                {failure.id.slice(0, 8)}
              </Link>{' '}
              {failure.message} <code>{failure.code}</code>
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}
