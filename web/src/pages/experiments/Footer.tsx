import { Link } from 'wouter';
import type { ExperimentSummary } from '../../api/types';
import { paths } from '../../app/paths';
import { Button } from '../../design/Button';
import { Icon } from '../../design/Icon';
import { grouped } from '../../format/number';
import styles from './Footer.module.css';

/** More ids make an address that is too long for some proxies. */
const MOST_TOGETHER = 300;

interface Props {
  /** Those that the filter finds. */
  found: readonly ExperimentSummary[];
  total: number;
  chosen: readonly ExperimentSummary[];
  onTag: () => void;
  onDelete: (experiments: readonly ExperimentSummary[]) => void;
  onRestore: (experiments: readonly ExperimentSummary[]) => void;
  onPurge: (experiments: readonly ExperimentSummary[]) => void;
  onClear: () => void;
}

/** How many there are; with a selection, what can be done with it. Always there, so that nothing moves. */
export function Footer(props: Props) {
  const { found, total, chosen, onTag, onDelete, onRestore, onPurge, onClear } = props;
  if (chosen.length === 0) {
    const runs = found.reduce((sum, one) => sum + one.runs, 0);
    const running = found.reduce((sum, one) => sum + one.running, 0);
    return (
      <footer className={styles.footer}>
        <span>
          {found.length === total
            ? count(total, 'experiment')
            : `${grouped(found.length)} of ${count(total, 'experiment')}`}
        </span>
        <span>{count(runs, 'run')}</span>
        {running > 0 && <span>{grouped(running)} running</span>}
      </footer>
    );
  }
  const shown = new Set(found);
  const unseen = chosen.filter((one) => !shown.has(one)).length;
  const active = chosen.filter((one) => one.lifecycle_stage === 'active');
  const deleted = chosen.filter((one) => one.lifecycle_stage === 'deleted');
  return (
    <footer className={styles.footer} data-chosen>
      <strong>
        {grouped(chosen.length)} selected
        {unseen > 0 && ` (${grouped(unseen)} left out by the filter)`}
      </strong>
      {chosen.length <= MOST_TOGETHER && (
        <Link href={paths.runsOf(chosen.map((one) => one.experiment_id))} className={styles.action}>
          <Icon name="compare" />
          Runs of {chosen.length === 1 ? 'it' : 'them together'}
        </Link>
      )}
      {active.length > 0 && (
        <Button icon="tag" onClick={onTag}>
          Add tag
        </Button>
      )}
      {deleted.length > 0 && (
        <Button icon="restore" onClick={() => onRestore(deleted)}>
          Restore
        </Button>
      )}
      {active.length > 0 && (
        <Button kind="danger" icon="trash" onClick={() => onDelete(active)}>
          Delete
        </Button>
      )}
      {deleted.length > 0 && (
        <Button kind="danger" icon="trash" onClick={() => onPurge(deleted)}>
          Delete for good…
        </Button>
      )}
      <span className={styles.space} />
      <Button kind="quiet" icon="close" onClick={onClear}>
        Clear
      </Button>
    </footer>
  );
}

const count = (value: number, word: string) => `${grouped(value)} ${word}${value === 1 ? '' : 's'}`;
