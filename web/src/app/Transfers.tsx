import { Link } from 'wouter';
import { Button, IconButton } from '../design/Button';
import { bytes, grouped } from '../format/number';
import { paths } from './paths';
import styles from './Transfers.module.css';
import { dismissTransfer, type Failure, type Transfer, useTransfers } from './transfers';

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
  const { id, label, done, total, failures, isKeeping, isBytes, state, cancel } = transfer;
  const isRunning = state === 'running';
  const said = isBytes ? bytes : grouped;
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
        {said(done)}
        {total !== null && ` of ${said(total)}`}
        {state === 'cancelled' && ', cancelled: what was done stays done'}
        {failures.length > 0 &&
          `, ${grouped(failures.length)} ${isKeeping ? (failures.length === 1 ? 'stays' : 'stay') : 'failed'}`}
      </p>
      {failures.length > 0 && (
        <ul className={styles.failures} aria-label={isKeeping ? 'What stays' : 'Failed'} tabIndex={0}>
          {failures.slice(0, MOST_FAILURES).map((failure) => (
            <li key={failure.id}>
              <Concerned failure={failure} /> {failure.message} <code>{failure.code}</code>
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

function Concerned({ failure: { id, kind = 'run' } }: { failure: Failure }) {
  if (kind === 'file') return id;
  if (kind === 'logged_model') return `logged model ${id}`;
  const isRun = kind === 'run';
  return (
    <Link href={isRun ? paths.run(id) : paths.experiment(id)} className="mono">
      {isRun ? id.slice(0, 8) : `experiment ${id}`}
    </Link>
  );
}
