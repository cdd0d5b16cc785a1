import { Link } from 'wouter';
import type { Run } from '../../../api/mlflow';
import { paths } from '../../../app/paths';
import { Status, Time } from '../../../design/Values';
import { useRelations } from '../useRun';
import styles from './ChildrenSummary.module.css';
import { Section } from './Section';

const SHOWN = 6;

/** The latest children, and how all of them went. */
export function ChildrenSummary({ run }: { run: Run }) {
  const { data } = useRelations(run.info.experiment_id, run.info.run_id);
  if (!data || data.children.length === 0) return null;
  const { children } = data;
  const counts = new Map<Run['info']['status'], number>();
  for (const { status } of children) counts.set(status, (counts.get(status) ?? 0) + 1);
  return (
    <Section
      title="Children"
      count={children.length}
      tools={<Link href={paths.run(run.info.run_id, 'children')}>All children</Link>}
    >
      <p className={styles.counts}>
        {[...counts].map(([status, count]) => (
          <span key={status}>
            <Status status={status} /> {count}
          </span>
        ))}
      </p>
      <ul className={styles.list}>
        {children.slice(0, SHOWN).map(({ runId, name, status, startTime }) => (
          <li key={runId}>
            <Status status={status} isShort />
            <Link href={paths.run(runId)}>{name || runId}</Link>
            {startTime !== null && <Time at={startTime} />}
          </li>
        ))}
      </ul>
    </Section>
  );
}
